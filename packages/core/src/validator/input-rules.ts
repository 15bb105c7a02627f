import { isPromise } from "../body.ts";
import type { Bytes, Input } from "../contract.ts";
import { refuse, show } from "./error.ts";
import { guard } from "./guard.ts";

// tsgi.input, watched while it is read: what the app asks for, and what the server gives.

const WHOLE = ["bytes", "text", "json", "formData"] as const;
const METHODS = ["bytes", "text", "json", "formData", "stream", "read", Symbol.asyncIterator] as const;

type Call = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<PropertyKey, Call>;

/** Checks `tsgi.input` and gives the one that the app reads from. */
export function watchInput(given: unknown): Input {
  const input = given as Input & Methods;
  for (const name of METHODS)
    /// S17. `tsgi.input` has `bytes()`, `text()`, `json()`, `formData()`, `stream()`, `read(size)` and
    /// `[Symbol.asyncIterator]()`.
    if (typeof (input as Partial<Methods> | null | undefined)?.[name] !== "function")
      refuse(
        "S17",
        `tsgi.input (${show(given)}) has no method ${typeof name === "symbol" ? `[${name.description}]` : name}()`,
      );
  const methods: Methods = {};
  for (const kind of WHOLE)
    methods[kind] = (...args) => {
      checkNoArguments(kind, args);
      return later(kind, input[kind](), (value) => checkWhole(kind, value));
    };
  methods.stream = (...args) => {
    checkNoArguments("stream", args);
    const stream = input.stream();
    /// S18. `stream()` gives a ReadableStream at once, and no promise of one.
    if (typeof (stream as Partial<ReadableStream> | null)?.getReader !== "function")
      refuse("S18", `tsgi.input.stream() gave ${show(stream)}; a ReadableStream is wanted`);
    return stream;
  };
  methods.read = (...args) => {
    const [size] = args;
    /// A1. `read(size)` is called with one argument, a whole number of bytes of at least 0. Whoever wants the rest calls
    /// `bytes()`.
    if (args.length !== 1 || !Number.isInteger(size) || (size as number) < 0)
      refuse("A1", `tsgi.input.read was called with ${list(args)}; one whole number of at least 0 is wanted`);
    return later("read", input.read(size as number), (value) => checkRead(value, size as number));
  };
  methods[Symbol.asyncIterator] = () => watchPieces(input[Symbol.asyncIterator]());
  return guard(input, methods, {
    /// A2. An application uses no other attribute of `tsgi.input` than the seven methods of S17. It does not close it:
    /// the server drains what was not read, or closes the connection.
    rule: "A2",
    name: "tsgi.input",
    wanted: "bytes, text, json, formData, stream, read and iteration",
  });
}

function checkNoArguments(name: string, args: readonly unknown[]): void {
  /// A3. `bytes()`, `text()`, `json()`, `formData()` and `stream()` are called without an argument.
  if (args.length > 0) refuse("A3", `tsgi.input.${name} was called with ${list(args)}; it takes no argument`);
}

function list(args: readonly unknown[]): string {
  return args.length === 0 ? "no argument" : args.map(show).join(", ");
}

function later(name: string, result: unknown, check: (value: unknown) => void): Promise<unknown> {
  /// S19. `bytes()`, `text()`, `json()`, `formData()` and `read(size)` give a promise.
  if (!isPromise(result)) refuse("S19", `tsgi.input.${name}() gave ${show(result)}; a promise is wanted`);
  return Promise.resolve(result).then((value) => {
    check(value);
    return value;
  });
}

function checkWhole(kind: (typeof WHOLE)[number], value: unknown): void {
  /// S20. `bytes()` resolves to a Uint8Array, `text()` to a string, `formData()` to a FormData; `json()` to whatever the
  /// text says.
  if (kind === "bytes" && !(value instanceof Uint8Array))
    refuse("S20", `tsgi.input.bytes() resolved to ${show(value)}; a Uint8Array is wanted`);
  if (kind === "text" && typeof value !== "string")
    refuse("S20", `tsgi.input.text() resolved to ${show(value)}; a string is wanted`);
  if (kind === "formData" && typeof (value as Partial<FormData> | null)?.getAll !== "function")
    refuse("S20", `tsgi.input.formData() resolved to ${show(value)}; a FormData is wanted`);
}

function checkRead(value: unknown, size: number): void {
  /// S21. `read(size)` resolves to a Uint8Array of at most `size` bytes, an empty one at the end.
  if (!(value instanceof Uint8Array))
    refuse("S21", `tsgi.input.read(${size}) resolved to ${show(value)}; a Uint8Array is wanted`);
  if (value.length > size)
    refuse("S21", `tsgi.input.read(${size}) resolved to ${value.length} bytes; at most ${size} are wanted`);
}

function watchPieces(iterator: AsyncIterator<Bytes>): AsyncIterator<Bytes> {
  /// S22. Iterating `tsgi.input` gives Uint8Arrays, pieces as they came and not lines.
  if (typeof (iterator as Partial<AsyncIterator<Bytes>> | null | undefined)?.next !== "function")
    refuse("S22", `iterating tsgi.input gave ${show(iterator)}; an iterator is wanted`);
  return {
    next: async () => {
      const step: unknown = await iterator.next();
      if (typeof step !== "object" || step === null)
        refuse("S22", `iterating tsgi.input: next() gave ${show(step)}; an object { value, done } is wanted`);
      const { done, value } = step as IteratorResult<Bytes>;
      if (!done && !(value instanceof Uint8Array))
        refuse("S22", `iterating tsgi.input gave ${show(value)}; a Uint8Array is wanted`);
      return step as IteratorResult<Bytes>;
    },
    return: async (value) => (await iterator.return?.(value)) ?? { done: true, value: undefined },
  };
}
