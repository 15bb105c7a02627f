import process from "node:process";

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Waits for SIGINT or SIGTERM. A second one ends the process at once, with the status that a shell gives it.
 *
 * @returns at the first signal
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        if (asked) process.exit(128 + NUMBERS[signal]);
        asked = true;
        resolve();
      });
  });
}
