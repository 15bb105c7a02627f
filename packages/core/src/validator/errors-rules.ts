import type { ErrorLog } from "../contract.ts";
import { refuse, show } from "./error.ts";
import { guard } from "./guard.ts";

/** Checks that `tsgi.errors` is a log. */
export function checkErrors(errors: unknown): asserts errors is ErrorLog {
  const log = errors as Partial<ErrorLog> | null | undefined;
  for (const name of ["write", "flush"] as const)
    /// S23. `tsgi.errors` has `write(text)` and `flush()`.
    if (typeof log?.[name] !== "function") refuse("S23", `tsgi.errors (${show(errors)}) has no method ${name}()`);
}

/** The log that the app writes to. */
export function watchErrors(errors: ErrorLog): ErrorLog {
  const methods = {
    write: (...args: unknown[]): unknown => {
      /// A4. `tsgi.errors.write` is called with one string, `flush` with nothing; no other attribute of the log is used,
      /// and it is not closed.
      if (args.length !== 1 || typeof args[0] !== "string")
        refuse(
          "A4",
          `tsgi.errors.write was called with ${args.map(show).join(", ") || "no argument"}; one string is wanted`,
        );
      return errors.write(args[0]);
    },
    flush: (...args: unknown[]): unknown => {
      if (args.length > 0)
        refuse("A4", `tsgi.errors.flush was called with ${args.map(show).join(", ")}; it takes no argument`);
      return errors.flush();
    },
  };
  return guard(errors, methods, { rule: "A4", name: "tsgi.errors", wanted: "write and flush" });
}
