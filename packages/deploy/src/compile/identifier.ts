// Names of the compiled module: readable, and no two alike.

// words that no binding of a module may have; `await` and `arguments` are not reserved everywhere, but in a module
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof var void while with yield undefined NaN Infinity"
  ).split(" "),
);

/** Hands out identifiers: the wanted one, or with a number behind it when it is taken. */
export class Identifiers {
  private readonly taken = new Set<string>(RESERVED);

  /** @param text any text, `composite:main`; gives `compositeMain`, then `compositeMain2` */
  take(text: string): string {
    const wanted = camelCase(text);
    let name = wanted;
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}${i}`;
    this.taken.add(name);
    return name;
  }
}

function camelCase(text: string): string {
  const words = text.split(/[^\p{ID_Continue}$]+/u).filter((word) => word !== "");
  const joined = words.map((word, i) => (i === 0 ? word : word[0].toUpperCase() + word.slice(1))).join("");
  if (joined === "") return "part";
  return /^[\p{ID_Start}$_]/u.test(joined) ? joined : `_${joined}`;
}
