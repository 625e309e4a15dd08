/**
 * Where the packaged program begins. Its code lies in the executable as parts. V8 needs far longer to compile them than
 * to run them, so the executable carries compiled code where it could be made; elsewhere what a run has compiled is kept
 * for the next one.
 */
import { getRawAsset } from 'node:sea';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { packCode, unpackCode, type CompiledCode } from './compiled-code.ts';
import { readKept, writeKept } from './kept-file.ts';

/** Filled in by the build: what tells this program from all others; its verbs; whether it carries compiled code. */
declare const PROGRAM_KEY: string;
declare const VERBS: readonly string[];
declare const IS_COMPILED: boolean;

type Wrapper = (exports: object, require: (name: string) => unknown, module: { exports: object }, url: string) => void;

const programUrl = pathToFileURL(process.execPath).href;
const loaded = new Map<string, { exports: object }>();
const compiled = new Map<string, Script>();
let kept: CompiledCode | undefined;

process.once('exit', keepCode);
load('./main.js');

function load(name: string): unknown {
  if (!name.startsWith('./')) return process.getBuiltinModule(name);
  const known = loaded.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const run = compile(name.slice(2)).runInThisContext() as Wrapper;
  run(module.exports, load, module, programUrl);
  return module.exports;
}

function compile(part: string): Script {
  // The build keeps parts to ASCII, so that V8 can take them as they are.
  const source = Buffer.from(getRawAsset(part)).toString('latin1');
  const filename = `kubectl-pvsnap/${part}`;
  if (IS_COMPILED) {
    const script = new Script(source, { filename, cachedData: new Uint8Array(getRawAsset(`code/${part}`)) });
    if (script.cachedDataRejected !== true) return script;
  }
  kept ??= unpackCode(readKept(keptName()), PROGRAM_KEY) ?? new Map<string, Uint8Array>();
  const cachedData = kept.get(part);
  const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
  if (cachedData === undefined || script.cachedDataRejected === true) compiled.set(part, script);
  return script;
}

function keepCode(): void {
  if (compiled.size === 0) return;
  const fresh = [...compiled].map(([part, script]) => [part, script.createCachedData()] as const);
  writeKept(keptName(), packCode(new Map([...(kept ?? []), ...fresh]), PROGRAM_KEY));
}

/** One file for each verb: what one needs would only be in the way of another. */
function keptName(): string {
  const word = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
  return `${VERBS.find((verb) => verb === word) ?? 'start'}-${process.platform}-${process.arch}.bin`;
}
