/** What others wrote of the program: their licences as text, and a list of components (CycloneDX) for machines. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface Component {
  name: string;
  version: string;
  licence: string;
  text: string;
}

/** @param folders of the packages whose code is in the program, relative to the repository */
export async function componentsOf(folders: readonly string[], nodePackage: string): Promise<Component[]> {
  const packages = await Promise.all(folders.map(componentIn));
  const node = await componentIn(join('node_modules', nodePackage));
  return [...packages, { ...node, name: 'node' }].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function componentIn(folder: string): Promise<Component> {
  const path = join(root, folder);
  const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license: string;
  };
  const file = (await readdir(path)).sort().find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : await readFile(join(path, file), 'utf8');
  return { name, version, licence: license, text: text.trim() };
}

export function licencesText(components: readonly Component[]): string {
  const line = '='.repeat(80);
  const parts = components.map(({ name, version, text }) => `${line}\n${name} ${version}\n${line}\n\n${text}\n`);
  return `kubectl-pvsnap contains the following, under these licences.\n\n${parts.join('\n')}`;
}

/** Without date and serial number: two builds of one commit are the same. */
export function billOfMaterials(components: readonly Component[], version: string): string {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'kubectl-pvsnap', version } },
    components: components.map((component) => ({
      type: component.name === 'node' ? 'framework' : 'library',
      name: component.name,
      version: component.version,
      licenses: [{ license: { id: component.licence } }],
      purl: purlOf(component),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function purlOf({ name, version }: Component): string {
  return name === 'node' ? `pkg:generic/node@${version}` : `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
