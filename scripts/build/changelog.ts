/** What CHANGELOG.md says of one version: the text of its section. */

/** @throws Error when there is none, or it is empty: what is released must be told */
export function notesOf(changelog: string, version: string): string {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => /^\[?([^\]\s]+)/.exec(text)?.[1] === version);
  if (section === undefined) {
    throw new Error(`CHANGELOG.md has no section "## ${version} - DATE": rename "Unreleased" to it`);
  }
  const notes = section.replace(/^.*\n?/, '').trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}`);
  return `${notes}\n`;
}
