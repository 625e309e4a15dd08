/** JSON as the API server writes it, with every digit of its whole numbers. */

/** What a Kubernetes object or list is before anybody looks at its fields. */
export type JsonObject = Record<string, unknown>;

/**
 * As JSON.parse, but whole numbers that a double can't hold and Go's int64 can (a content's creationTime is
 * nanoseconds) come as bigint. What is beyond int64 is a float to Go too and stays a number.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  // Most answers hold no such number, and a reviver costs several times the parse.
  return longNumber.test(text) ? parseWithSource(text, exact) : JSON.parse(text);
}

const longNumber = /[\s:,[]-?\d{16,}/;
const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

// V8 gives revivers the source text of a value; TypeScript's library doesn't say so yet.
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

function exact(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  if (!/^-?\d+$/.test(source)) return value;
  const whole = BigInt(source);
  return whole >= int64.least && whole <= int64.most ? whole : value;
}
