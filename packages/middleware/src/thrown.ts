import { InputError } from "@tsgi/core";

// What an app throws may be anything, also a Proxy that has been revoked: that throws when it is looked at.

/** Whether a value is an Error. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** The status that the gateway gives an error that nobody has caught. */
export function statusOf(error: unknown): number {
  try {
    return error instanceof InputError ? error.status : 500;
  } catch {
    return 500;
  }
}
