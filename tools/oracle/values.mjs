// The case files are plain JSON: what stands in them for values that JSON lacks, made into JavaScript's own.

/** Whether a case's value is an object of that one kind: `{ "bytes": "x" }`. */
export function isKind(value, kind) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, kind);
}

/** One byte a character. */
export const bytesOf = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));
export const textOf = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

class ByteSubclass extends Uint8Array {}
class ListSubclass extends Array {}

const KINDS = {
  bytes: bytesOf,
  bytes_subclass: (text) => new ByteSubclass(bytesOf(text)),
  bytearray: (text) => bytesOf(text).buffer,
  str_subclass: (text) => Object(text),
  tuple: (items) => items.map(valueOf),
  list_subclass: (items) => ListSubclass.from(items.map(valueOf)),
  dict: (entries) => Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, valueOf(value)])),
  exc_info: (text) => errorOf(text),
};

/** A case's value in JavaScript: an array for a tuple, a Uint8Array for bytes, an Error for exc_info. */
export function valueOf(value) {
  if (Array.isArray(value)) return value.map(valueOf);
  if (typeof value !== "object" || value === null) return value;
  const [kind, ...more] = Object.keys(value);
  if (more.length > 0 || KINDS[kind] === undefined) throw new UnknownConstruct(JSON.stringify(value));
  return KINDS[kind](value[kind]);
}

export function errorOf(text) {
  return Object.assign(new Error(String(text)), { name: "RuntimeError" });
}

/** A case says something that this runner does not know: the case fails, and says so. */
export class UnknownConstruct extends Error {
  name = "UnknownConstruct";
}

/** Every value in a case, at any depth, that `test` says yes to. */
export function find(value, test) {
  const found = test(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return found;
  return found.concat(...Object.values(value).map((part) => find(part, test)));
}

/** `wsgi.input` is `tsgi.input`. */
export const keyOf = (key) => key.replace(/^wsgi\./, "tsgi.");

const ESCAPED_SLASH = /%((?:25)*2[Ff])/g;

/**
 * A native string, one character a byte, as TSGI has it: decoded as UTF-8, a byte that is not UTF-8 as its escape, and an
 * escape of a slash one level deeper, since `%2F` itself stands for an encoded slash.
 */
export function fromNative(text) {
  let out = "";
  for (let i = 0; i < text.length; ) {
    const byte = text.charCodeAt(i);
    const size = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    try {
      out += new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(text.slice(i, i + size)));
      i += size;
    } catch {
      out += `%${byte.toString(16).toUpperCase()}`;
      i++;
    }
  }
  return out.replace(ESCAPED_SLASH, "%25$1");
}

/** The way back. */
export function toNative(text) {
  const plain = text.replace(/%25((?:25)*2[Ff])/g, "%$1");
  return textOf(new TextEncoder().encode(plain)).replace(/%([89A-F][0-9A-F])/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
