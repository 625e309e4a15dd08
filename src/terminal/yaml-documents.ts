/** Manifests, JSON or YAML, as people write them. */

import type { Document } from 'yaml';

/** The documents of a text, but for empty ones. @throws Error when it isn't YAML */
export async function documentsIn(text: string): Promise<unknown[]> {
  const { parseAllDocuments } = await import('./yaml-parse.ts');
  const documents = parseAllDocuments(text, { version: '1.1' });
  if (!Array.isArray(documents)) return [];
  return documents.map(valueOf).filter((value) => value !== null && value !== undefined);
}

function valueOf(document: Document.Parsed): unknown {
  const [error] = document.errors;
  if (error !== undefined) throw error;
  return document.toJS();
}
