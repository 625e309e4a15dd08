/** What kubectl refuses before it asks a server, in its words (client-go tools/clientcmd, validation.go). */
import { closeSync, openSync } from 'node:fs';
import { ClusterError, reasonOf } from '../../errors.ts';
import type { Effective } from './effective.ts';
import { fileProblem } from './files.ts';
import { parseProxyUrl } from './proxy-url.ts';
import type { ClusterEntry, ExecEntry, Kubeconfig, UserEntry } from './shape.ts';

/** @throws ClusterError that lists all that is wrong */
export function checkUsable(
  config: Kubeconfig,
  { contextName, clusterName, cluster, userName, user }: Effective,
): void {
  const hasContext = contextName === '' || config.contexts.has(contextName);
  const missing = hasContext ? [] : [`context was not found for specified context: ${contextName}`];
  const problems = [...missing, ...userProblems(userName, user ?? {}), ...clusterProblems(clusterName, cluster)];
  const [first, ...more] = problems;
  if (first === undefined) return;
  const words = hasContext ? `error: ${first}` : `Error in configuration: ${first}`;
  const lines = ['Error in configuration: ', ...problems.map((problem) => `* ${problem}`)];
  throw new ClusterError(more.length === 0 ? words : lines.join('\n'), 0, '');
}

/** @throws ClusterError for the first that a flag names and that doesn't exist */
export function checkNamed({ contextName, context, clusterName, cluster, userName, user }: Effective): void {
  const refuse = (what: string): never => {
    throw new ClusterError(`error: ${what} does not exist`, 0, '');
  };
  if (user === undefined) refuse(`auth info "${userName}"`);
  if (context === undefined) refuse(`context "${contextName}"`);
  if (cluster === undefined) refuse(`cluster "${clusterName}"`);
}

function clusterProblems(name: string, cluster: ClusterEntry | undefined): string[] {
  if (cluster === undefined) return [`no server found for cluster "${name}"`];
  const { 'proxy-url': proxyUrl, 'certificate-authority': path } = cluster;
  const problems: string[] = [];
  if (proxyUrl !== undefined) {
    try {
      parseProxyUrl(proxyUrl);
    } catch (error) {
      problems.push(`invalid 'proxy-url' "${proxyUrl}" for cluster "${name}": ${reasonOf(error)}`);
    }
  }
  if (path !== undefined && cluster['certificate-authority-data'] !== undefined) {
    problems.push(
      `certificate-authority-data and certificate-authority are both specified for ${name}. certificate-authority-data will override.`,
    );
  }
  return [...problems, ...unreadable('certificate-authority', path, name)];
}

function userProblems(name: string, user: UserEntry): string[] {
  const methods = [
    ...(user.token === undefined ? [] : ['token']),
    ...(user.username === undefined && user.password === undefined ? [] : ['basicAuth']),
  ];
  const alone = user.as === undefined && [user['as-uid'], user['as-groups'], user['as-user-extra']].some(isSet);
  return [
    ...certificateProblems(name, user),
    ...execProblems(name, user),
    ...(methods.length > 1
      ? [`more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`]
      : []),
    ...(alone ? [`requesting uid, groups or user-extra for ${name} without impersonating a user`] : []),
  ];
}

function isSet(value: unknown): boolean {
  return value !== undefined && Object.keys(value as object).length > 0;
}

function certificateProblems(name: string, user: UserEntry): string[] {
  const { 'client-certificate': certificate, 'client-certificate-data': certificateData } = user;
  const { 'client-key': key, 'client-key-data': keyData } = user;
  if (certificate === undefined && certificateData === undefined) return [];
  const problems: string[] = [];
  if (certificate !== undefined && certificateData !== undefined) {
    problems.push(`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`);
  }
  if (key !== undefined && keyData !== undefined) {
    problems.push(`client-key-data and client-key are both specified for ${name}; client-key-data will override`);
  }
  if (key === undefined && keyData === undefined) {
    problems.push(
      `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
    );
  }
  return [...problems, ...unreadable('client-cert', certificate, name), ...unreadable('client-key', key, name)];
}

function execProblems(name: string, { exec, 'auth-provider': provider }: UserEntry): string[] {
  if (exec === undefined) return [];
  const needs = (what: string): string => `${what} must be specified for ${name} to use exec authentication plugin`;
  const problems: string[] = [];
  if (provider !== undefined) {
    problems.push(`authProvider cannot be provided in combination with an exec plugin for ${name}`);
  }
  if (exec.command === undefined) problems.push(needs('command'));
  if (exec.apiVersion === undefined) problems.push(needs('apiVersion'));
  for (const variable of exec.env ?? []) if (variable.name === undefined) problems.push(needs('env variable name'));
  const mode = interactiveModeOf(exec);
  if (mode === undefined) problems.push(needs('interactiveMode'));
  else if (!['Never', 'IfAvailable', 'Always'].includes(mode)) {
    problems.push(`invalid interactiveMode for ${name}: "${mode}"`);
  }
  return problems;
}

/** Older versions of the plugin interface could not say it. */
export function interactiveModeOf({ interactiveMode, apiVersion = '' }: ExecEntry): string | undefined {
  const isOld = /^client\.authentication\.k8s\.io\/v1(alpha|beta)1$/.test(apiVersion);
  return interactiveMode ?? (isOld ? 'IfAvailable' : undefined);
}

function unreadable(what: string, path: string | undefined, name: string): string[] {
  if (path === undefined) return [];
  try {
    closeSync(openSync(path, 'r'));
    return [];
  } catch (error) {
    return [`unable to read ${what} ${path} for ${name} due to ${fileProblem(error, path) ?? reasonOf(error)}`];
  }
}
