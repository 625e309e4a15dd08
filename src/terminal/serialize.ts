/** Objects as text, as kubectl writes them: keys sorted, JSON indented by four, YAML lists not indented. */

export function jsonText(value: unknown): string {
  return `${JSON.stringify(sorted(value), undefined, 4)}\n`;
}

export async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(sorted(value), { version: '1.1', lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
