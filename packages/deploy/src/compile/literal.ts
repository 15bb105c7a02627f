/** A text as JavaScript has it; what would end a line in an editor or a comment is escaped. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufdd0-\ufdef]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A key of an object. */
export function keyLiteral(key: string): string {
  // unlike any other key, a plain `__proto__` sets the prototype
  if (key === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key);
}

/** A text within a line of comment. */
export function inComment(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\ufeff]+/gu, " ").replaceAll("*/", "* /");
}

/** A list of texts. */
export function listLiteral(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
