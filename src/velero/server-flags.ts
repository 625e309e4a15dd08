/** How Velero's server was started: the flags in its Deployment. */
import type { Deployment } from '../cluster/objects.ts';

interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
}

/** The one that runs `velero server`; others are helpers beside it. */
function serverContainer({ spec }: Deployment): Container | undefined {
  const containers: Container[] = spec?.template.spec?.containers ?? [];
  return containers.find((one) => wordsOf(one).includes('server')) ?? containers.find(({ name }) => name === 'velero');
}

/** undefined when the flag isn't given: then the server's default counts. `--flag=value` and `--flag value` are both read. */
export function serverFlag(deployment: Deployment, flag: string): string | undefined {
  const container = serverContainer(deployment);
  const words = container === undefined ? [] : wordsOf(container);
  const values = words.flatMap((word, index) => {
    if (word.startsWith(`--${flag}=`)) return [word.slice(flag.length + 3)];
    return word === `--${flag}` ? [words[index + 1] ?? ''] : [];
  });
  return values.at(-1);
}

/** Without the feature a backup is Completed and holds no snapshot of a CSI driver. */
export function isCsiEnabled(deployment: Deployment): boolean {
  return (serverFlag(deployment, 'features') ?? '').split(',').includes('EnableCSI');
}

/** The tag of its image, such as v1.18.3; one that is pinned by digest alone has none. */
export function serverVersion(deployment: Deployment): string | undefined {
  const image = serverContainer(deployment)?.image ?? '';
  const [named = ''] = image.slice(image.lastIndexOf('/') + 1).split('@');
  return /:([\w][\w.-]*)$/.exec(named)?.[1];
}

/** A flag's text may stand in a shell's command line. */
function wordsOf({ command = [], args = [] }: Container): string[] {
  return [...command, ...args].flatMap((word) => word.split(/\s+/));
}
