/** Checks a parsed kubeconfig field by field. The words of its errors are those of Go's JSON decoder, which kubectl shows. */
import { decodeBase64 } from './base64.ts';
import type { Field, Struct } from './fields.ts';

interface Where {
  goName: string;
  path: string;
}

/** @throws Error for the first field, in alphabetical order, whose value has another type */
export function decodeStruct(struct: Struct, value: object, path = ''): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  // client-go sees the fields in this order, because YAML is turned into JSON with sorted keys first.
  for (const [name, given] of Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const field = struct.fields[name];
    if (field === undefined || given === null || given === undefined) continue;
    const where = { goName: struct.goName, path: path === '' ? name : `${path}.${name}` };
    const decoded = decodeField(field, given, where);
    if (decoded !== '') result[name] = decoded;
  }
  return result;
}

function decodeField(field: Field, value: unknown, where: Where): unknown {
  if (field === 'raw') return value;
  if (field === 'bytes') return decodeBase64(expectString(value, '[]uint8', where));
  if (field === 'string') return expectString(value, 'string', where);
  if (field === 'bool') return typeof value === 'boolean' ? value : refuse(value, 'bool', where);
  if ('list' in field) return decodeList(field.list, value, where);
  if ('map' in field) return decodeMap(field.map, value, where);
  return isObject(value) ? decodeStruct(field, value, where.path) : refuse(value, `v1.${field.goName}`, where);
}

function decodeList(item: Struct | 'string', value: unknown, where: Where): unknown[] {
  const goType = item === 'string' ? 'string' : `v1.${item.goName}`;
  if (!Array.isArray(value)) return refuse(value, `[]${goType}`, where);
  return value.map((one: unknown) => {
    if (item === 'string') return one === null ? '' : expectString(one, goType, where);
    if (one === null) return {};
    return isObject(one) ? decodeStruct(item, one, where.path) : refuse(one, goType, where);
  });
}

function decodeMap(item: 'string' | 'strings', value: unknown, where: Where): Record<string, unknown> {
  if (!isObject(value)) return refuse(value, item === 'string' ? 'map[string]string' : 'map[string][]string', where);
  const decodeItem = (one: unknown): unknown =>
    item === 'string' ? expectString(one, 'string', where) : decodeList('string', one, where);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, one === null ? '' : decodeItem(one)]));
}

function expectString(value: unknown, goType: string, where: Where): string {
  return typeof value === 'string' ? value : refuse(value, goType, where);
}

function refuse(value: unknown, goType: string, { goName, path }: Where): never {
  throw new Error(
    `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field ${goName}.${path} of type ${goType}`,
  );
}

export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
