import { formatPosition, type Warning } from "@tsgi/deploy";
import { errorColors, say, shown } from "./terminal.ts";

/** Prints what is legal and yet most likely not meant, with its place. */
export function warn(warnings: readonly Warning[]): void {
  for (const { at, message } of warnings) say(warningLine({ at, message }));
}

/** `app.ini:3:1: warning: …`. */
export function warningLine({ at, message }: Pick<Warning, "at" | "message">): string {
  return `${formatPosition({ ...at, file: shown(at.file) })}: ${errorColors.yellow("warning:")} ${message}`;
}
