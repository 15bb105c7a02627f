import { relative, sep } from "node:path";
import process from "node:process";
import pc from "picocolors";

// What the command prints, and where. Results go to the standard output, all else to the standard error.

type Colors = ReturnType<typeof pc.createColors>;

/** Colours for a terminal, and none for a pipe or a file, nor where the user set NO_COLOR (https://no-color.org). */
function colorsFor(stream: { isTTY?: boolean | undefined }): Colors {
  const { NO_COLOR, TERM } = process.env;
  // not picocolors' own choice: that colours every output of a CI machine
  return pc.createColors(stream.isTTY === true && (NO_COLOR ?? "") === "" && TERM !== "dumb");
}

/** Colours of the standard output. */
export const colors: Colors = colorsFor(process.stdout);

/** Colours of the standard error. */
export const errorColors: Colors = colorsFor(process.stderr);

/** Prints a result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a message about what happens. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

let needsReader = true;

/** From now on the command goes on when nobody reads what it prints: a program that takes in its log ends, or is restarted. */
export function outliveReader(): void {
  needsReader = false;
}

/** A reader that has seen enough, `tsgi show app.ini | head`, ends the command; not a server, whose work is another. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (needsReader) process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  process.stderr.on("error", () => {});
}

/** A path as a person at this terminal would type it: relative to the folder he is in, unless it lies far away. */
export function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith(`..${sep}..`) || near.length > path.length ? path : near;
}

/** How much a command says. */
export interface Loudness {
  verbose?: boolean;
  quiet?: boolean;
}
