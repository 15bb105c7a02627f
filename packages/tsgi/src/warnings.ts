import type { Warning } from "@tsgi/deploy";
import { errorColors, say } from "./terminal.ts";
import { placeOf } from "./tree-text.ts";

/** Prints what is legal and yet most likely not meant, with its place. */
export function warn(warnings: readonly Warning[]): void {
  for (const { at, message } of warnings) say(warningLine({ at, message }));
}

/** `app.ini:3:1: warning: …`. */
export function warningLine({ at, message }: Pick<Warning, "at" | "message">): string {
  return `${placeOf(at)}: ${errorColors.yellow("warning:")} ${message}`;
}
