/** What is wrong with a file, in the words of Go's os package, which kubectl shows. */

const goWords: Record<string, string> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENAMETOOLONG: 'file name too long',
};

/** undefined when the error isn't about a file. */
export function fileProblem(error: unknown, path: string): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = goWords[code];
  if (words === undefined) return undefined;
  return `${code === 'EISDIR' ? 'read' : 'open'} ${path}: ${words}`;
}
