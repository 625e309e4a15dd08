/** Calls to the Go tool, with the settings that make a build the same on every machine. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** Where the control plane's go.mod and go.sum are. */
const MODULE_DIRECTORY = import.meta.dirname;

export interface GoToolchain {
  /** Such as `go1.26.8`. */
  version: string;
  os: string;
  arch: string;
}

/**
 * The Go that is installed.
 * @param directory where the go.mod is that says which one is needed
 * @throws Error that names the version needed, when Go is missing or older than go.mod asks for
 */
export async function findGo(directory = MODULE_DIRECTORY): Promise<GoToolchain> {
  const needed = /^go (\S+)$/m.exec(await readFile(join(directory, 'go.mod'), 'utf8'))?.[1] ?? 'unknown';
  const wanted = `the test control plane is built with Go ${needed} or newer (https://go.dev/dl)`;
  const settings = await go(['env', '-json', 'GOVERSION', 'GOOS', 'GOARCH'], directory).catch((error: unknown) => {
    throw new Error(`Go was not found: ${wanted}, and "go" must be on the PATH.`, { cause: error });
  });
  const found = JSON.parse(settings) as { GOVERSION: string; GOOS: string; GOARCH: string };
  if (isOlder(found.GOVERSION, needed)) throw new Error(`Go is too old: ${wanted}, this is ${found.GOVERSION}.`);
  return { version: found.GOVERSION, os: found.GOOS, arch: found.GOARCH };
}

/**
 * Runs `go` in a module's directory and returns what it printed.
 * @throws Error with what Go said
 */
export async function go(args: string[], directory: string): Promise<string> {
  // The user's own flags, workspace or newer toolchain would build something else than what go.mod pins.
  const pinned = { GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' };
  const { stdout } = await runFile('go', args, {
    cwd: directory,
    env: { ...process.env, ...pinned },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** A development version of Go (`devel go1.27-...`) has no number to compare, and is taken as new enough. */
function isOlder(version: string, needed: string): boolean {
  const have = numbersOf(/^go([\d.]+)/.exec(version)?.[1] ?? '99');
  const want = numbersOf(needed);
  const differing = want.findIndex((number, index) => number !== (have[index] ?? 0));
  return differing >= 0 && (have[differing] ?? 0) < (want[differing] ?? 0);
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}
