/**
 * Which programs may hand out credentials: the user's own word in kubectl's preferences (kuberc, KEP-3104 and KEP-5450),
 * since a kubeconfig from elsewhere could name any program. Nothing else of that file concerns us.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join, normalize, sep } from 'node:path';
import { reasonOf } from '../../errors.ts';
import { fileProblem } from '../kubeconfig/files.ts';
import { isMissing } from '../kubeconfig/read.ts';
import { parseYaml } from '../kubeconfig/yaml.ts';

interface Preferences {
  kind?: unknown;
  credentialPluginPolicy?: unknown;
  credentialPluginAllowlist?: { name?: string; command?: string }[];
}

/** @throws Error with kubectl's words when the program may not be run, or what is said of it can't be understood */
export function checkPolicy(command: string): void {
  const { credentialPluginPolicy: policy = '', credentialPluginAllowlist: list } = readPreferences();
  if (policy === 'Allowlist') {
    checkListed(
      command,
      (list ?? []).map((entry) => entry.command ?? entry.name ?? ''),
      list !== undefined,
    );
    return;
  }
  if (policy !== '' && policy !== 'AllowAll' && policy !== 'DenyAll') {
    throw new Error(`unknown plugin policy: "${String(policy)}"`);
  }
  if (list !== undefined) {
    const but = `plugin policy is "${policy}" but allowlist is non-nil`;
    throw new Error(`misconfigured credential plugin allowlist: ${but}`);
  }
  if (policy === 'DenyAll') throw new Error(`plugin "${command}" not allowed: policy set to "DenyAll"`);
}

function readPreferences(): Preferences {
  const { KUBERC = '' } = process.env;
  if (KUBERC === 'off') return {};
  const path = KUBERC === '' ? join(homedir(), '.kube', 'kuberc') : KUBERC;
  try {
    const preferences = parseYaml(readFileSync(path, 'utf8')) as Preferences | undefined | null;
    if (preferences?.kind !== 'Preference') throw new Error(`no valid preferences found in ${path}`);
    return preferences;
  } catch (error) {
    if (KUBERC === '' && isMissing(error)) return {};
    throw new Error(`kuberc error kuberc: ${fileProblem(error, path) ?? reasonOf(error)}`, { cause: error });
  }
}

function checkListed(command: string, listed: readonly string[], isGiven: boolean): void {
  const set = 'credential plugin policy set to "Allowlist", but allowlist is';
  if (!isGiven) throw new Error(`${set} unspecified`);
  if (listed.length === 0) throw new Error(`${set} empty; use "DenyAll" policy instead`);
  listed.forEach((entry, index) => {
    if (entry === '') throw new Error(`misconfigured credential plugin allowlist: empty allowlist entry #${index + 1}`);
    if (normalize(entry) !== entry) throw new Error(`non-normalized file path: "${entry}" vs "${normalize(entry)}"`);
  });
  const path = resolved(command) ?? command;
  const isListed = listed.some(
    (entry) => entry === command || entry === path || (basename(entry) === basename(path) && resolved(entry) === path),
  );
  if (!isListed) throw new Error(`plugin path "${path}" is not permitted by the credential plugin allowlist`);
}

/** Where the program is; undefined when there is none of that name. */
function resolved(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = command.includes(sep) ? [command] : folders.map((folder) => join(folder, command));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
