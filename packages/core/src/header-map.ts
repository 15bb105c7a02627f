import type { Header, HeaderList } from "./contract.ts";

/** Parameters of a header: `{ filename: "a.txt" }`; `null` gives the bare name, and `_` in a name becomes `-`. */
export type HeaderParams = Readonly<Record<string, string | null>>;

/**
 * A header list seen as a map, whatever the case of the names: a view, so that what is changed here is changed in the
 * list, and the list can be passed to `startResponse` as it is. Repeated fields and their order are kept.
 * Source of the rule: wsgiref.headers.Headers.
 *
 * @param list the list to look at; a new one when absent
 * @throws TypeError when `list` is no array
 * @example const headers: HeaderList = [];
 * new HeaderMap(headers).set("Content-Type", "text/plain").add("Content-Disposition", "attachment", { filename: "a.txt" });
 * startResponse("200 OK", headers);
 */
export class HeaderMap implements Iterable<Readonly<Header>> {
  /** The list behind the view. */
  readonly list: HeaderList;

  constructor(list: HeaderList = []) {
    if (!Array.isArray(list)) throw new TypeError("HeaderMap: the list is no array of [name, value] pairs");
    this.list = list;
  }

  /** How many fields there are, repeated ones counted each. */
  get size(): number {
    return this.list.length;
  }

  /** The value of the first field of that name; `undefined` when there is none. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    return this.list.find(([field]) => field.toLowerCase() === key)?.[1];
  }

  /** The values of all fields of that name, in their order. */
  getAll(name: string): string[] {
    const key = name.toLowerCase();
    return this.list.filter(([field]) => field.toLowerCase() === key).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Puts one field in the place of all of that name, at the end of the list. */
  set(name: string, value: string): this {
    this.delete(name);
    this.list.push([name, value]);
    return this;
  }

  /** Takes all fields of that name away; whether there was one. */
  delete(name: string): boolean {
    const key = name.toLowerCase();
    const kept = this.list.filter(([field]) => field.toLowerCase() !== key);
    const found = kept.length < this.list.length;
    if (found) this.list.splice(0, this.list.length, ...kept);
    return found;
  }

  /** The value of the first field of that name, which is added with `value` when there is none. */
  setDefault(name: string, value: string): string {
    const found = this.get(name);
    if (found === undefined) this.list.push([name, value]);
    return found ?? value;
  }

  /**
   * Adds a field beside those of its name.
   *
   * @param value the value, `null` for one that is made of parameters only
   * @param params what follows the value, as `name="value"`; quotes and backslashes are escaped (RFC 9110 5.6.6)
   * @example headers.add("Content-Disposition", "attachment", { filename: 'the "best".txt' });
   */
  add(name: string, value: string | null, params: HeaderParams = {}): this {
    const parts = value === null ? [] : [value];
    for (const [param, text] of Object.entries(params)) {
      const key = param.replaceAll("_", "-");
      parts.push(text === null || text === "" ? key : `${key}="${text.replace(/["\\]/g, "\\$&")}"`);
    }
    this.list.push([name, parts.join("; ")]);
    return this;
  }

  /** The names in their order, repeated ones each time. */
  keys(): IterableIterator<string> {
    return this.list.map(([name]) => name).values();
  }

  values(): IterableIterator<string> {
    return this.list.map(([, value]) => value).values();
  }

  entries(): IterableIterator<Header> {
    return this.list.map(([name, value]): Header => [name, value]).values();
  }

  [Symbol.iterator](): IterableIterator<Header> {
    return this.entries();
  }

  /** The header block as it stands on the wire, with the empty line that ends it. */
  toString(): string {
    return `${this.list.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  }
}
