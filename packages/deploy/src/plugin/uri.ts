/** The `config:` URI of a file: what has a meaning in one is encoded. */
export function configUri(file: string): string {
  return `config:${file.replace(/[%#]/g, encodeURIComponent)}`;
}
