/**
 * YAML as kubectl reads it: YAML 1.1's booleans and merge keys, the last of repeated keys, the first of several
 * documents. js-yaml, because it starts in a seventh of the time that yaml takes; a file that is JSON needs neither.
 */
import {
  Schema,
  YAMLException,
  boolYaml11Tag,
  floatCoreTag,
  intCoreTag,
  loadAll,
  mapTag,
  mergeTag,
  nullCoreTag,
  seqTag,
  strTag,
} from 'js-yaml';

/** No timestamps: kubectl keeps them as text. */
const schema = new Schema([strTag, seqTag, mapTag, nullCoreTag, boolYaml11Tag, intCoreTag, floatCoreTag, mergeTag]);

/**
 * Returns undefined for a text without a document.
 * @throws Error that begins with kubectl's `yaml: `; what follows is the parser's own words
 */
export function parseYaml(text: string): unknown {
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Flow style YAML begins with a brace too.
    }
  }
  try {
    return loadAll(text, { schema, json: true })[0];
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? '' : `line ${error.mark.line + 1}: `;
    throw new Error(`yaml: ${line}${error.reason}`, { cause: error });
  }
}
