/** The program's version stands in package.json and nowhere else. */
import manifest from '../package.json' with { type: 'json' };

export const version = `v${manifest.version}`;
export const versionText = `kubectl-pvsnap ${version}`;
