/** What is released of one platform: the program, what completes its command line, and the licences. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signAdHoc } from './sign.ts';
import { tarGz, type ArchiveFile } from './tar.ts';
import { programFile, type Target } from './targets.ts';
import { zip } from './zip.ts';

const root = join(import.meta.dirname, '..', '..');

export function archiveName({ goos, goarch }: Target, version: string): string {
  return `kubectl-pvsnap_v${version}_${goos}_${goarch}.${goos === 'windows' ? 'zip' : 'tar.gz'}`;
}

export async function archiveOf(target: Target, program: Buffer, thirdPartyLicences: string): Promise<Buffer> {
  const isWindows = target.platform === 'win32';
  const completions = ['kubectl_complete-pvsnap', 'oc_complete-pvsnap'].map((name) =>
    isWindows ? `${name}.cmd` : name,
  );
  const files: ArchiveFile[] = [
    { name: programFile(target), content: program, isExecutable: true },
    ...(await Promise.all(completions.map((name) => fileIn('packaging', name, true)))),
    await fileIn('.', 'LICENSE', false),
    { name: 'THIRD-PARTY-LICENCES.txt', content: Buffer.from(thirdPartyLicences), isExecutable: false },
  ];
  return isWindows ? zip(files) : tarGz(files);
}

async function fileIn(folder: string, name: string, isExecutable: boolean): Promise<ArchiveFile> {
  return { name, content: await readFile(join(root, folder, name)), isExecutable };
}

/** As it is released: Darwin's needs a signature. */
export function finished(target: Target, program: Buffer): Buffer {
  return target.platform === 'darwin' ? signAdHoc(program, 'kubectl-pvsnap') : program;
}
