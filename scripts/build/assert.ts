/** Stands in for `assert` in yargs, which checks its own work with it: Node's reads a stream to know about colours. */
export function strictEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  if (!Object.is(actual, expected)) fail(message);
}

export function notStrictEqual(actual: unknown, expected: unknown, message?: string | Error): void {
  if (Object.is(actual, expected)) fail(message);
}

function fail(message: string | Error = 'yargs is in a state that it should not be in'): never {
  throw message instanceof Error ? message : new Error(message);
}
