/** `npm run build [-- --all]`: makes dist/kubectl-pvsnap for this machine, or all that is released, for six platforms. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram } from './build/bundle.ts';
import { packageProgram } from './build/package.ts';
import { makeRelease } from './build/release.ts';
import { hostTarget } from './build/targets.ts';

const dist = join(import.meta.dirname, '..', 'dist');
const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });

const bundle = await bundleProgram();
await packageProgram({ bundle, targets: [hostTarget()], folderOf: () => dist, isCompiled: true });
if (values.all) await makeRelease(bundle, dist);
