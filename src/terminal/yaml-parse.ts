/** Loaded when a manifest is read. By a static import: of what is imported while it runs, the packaged program sees no names. */
export { parseAllDocuments } from 'yaml';
