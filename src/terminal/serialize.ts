/** Objects as text, as kubectl writes them: keys sorted, JSON indented by four, YAML lists not indented. */

/** Controls that JSON and YAML leave as they are, and marks that turn text around: escaped, the value is the same. */
const misleading = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function jsonText(value: unknown): string {
  return `${escaped(JSON.stringify(sorted(value), undefined, 4))}\n`;
}

export async function yamlText(value: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  const document = new Document(sorted(value), { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      // Only between double quotes does YAML know escapes.
      if (typeof scalar.value === 'string' && escaped(scalar.value) !== scalar.value) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escaped(document.toString({ lineWidth: 0, indentSeq: false }));
}

function escaped(text: string): string {
  return text.replace(misleading, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
