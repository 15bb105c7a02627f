/** The name that is closest to what was written, when one is close: ` (did you mean 'port'?)`, else "". */
export function suggest(written: string, names: readonly string[]): string {
  // what is so long is no name that somebody misspelt
  if (written.length > 60) return "";
  let best = "";
  let fewest = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const name of names) {
    // that many letters have to be added or taken away at least
    if (Math.abs(written.length - name.length) >= fewest) continue;
    const edits = distance(written.toLowerCase(), name.toLowerCase());
    if (edits < fewest) [best, fewest] = [name, edits];
  }
  return best === "" ? "" : ` (did you mean '${best}'?)`;
}

/** Edits from one word to another: a letter more, less, changed, or two letters swapped (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
