// Finds csi.proto in the Go module cache, at the version that the control plane's go.mod pins.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const specModule = 'github.com/container-storage-interface/spec';
const versionWithoutGoMod = 'v1.12.0';
const goModCandidates = ['programs/go.mod', 'go.mod'].map((path) => join(import.meta.dirname, '..', path));

/**
 * Path of csi.proto, downloaded by Go if it isn't in the module cache yet.
 * @throws Error when Go is missing or the module can't be had, with Go's own words
 */
export async function findCsiProto(): Promise<string> {
  const module = `${specModule}@${await pinnedVersion()}`;
  // Outside of any Go module, so that Go neither reads nor touches the pins of the one nearby.
  const options = { cwd: tmpdir(), env: { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' } };
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], options);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  return join(Dir, 'csi.proto');
}

async function pinnedVersion(): Promise<string> {
  for (const goMod of goModCandidates) {
    const text = await readFile(goMod, 'utf8').catch(() => '');
    const version = /^\s*(?:require\s+)?github\.com\/container-storage-interface\/spec\s+(v\S+)/m.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return versionWithoutGoMod;
}
