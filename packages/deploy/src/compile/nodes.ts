import { attributesOf, type Found } from "../attribute.ts";
import type { Position } from "../error.ts";
import type { Conf, ModuleReference } from "../tree.ts";

// What the functions of a compiled module are written with.

/** `wiki.ini:12:5`, as compiled modules have places. */
export function at(place: string): Position {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/s.exec(place) as unknown as [string, string, string, string];
  return { file, line: Number(line), column: Number(column) };
}

/** A setting: its key, its value, and its place unless it came from outside. */
export type Row = readonly [key: string, value: string, place?: string];

/** Settings in the order of the file; no name of them can be a prototype's. */
export function settings(rows: readonly Row[]): Conf {
  const values = Object.create(null) as Record<string, string>;
  const origins = Object.create(null) as Record<string, Position>;
  for (const [key, value, place] of rows) {
    values[key] = value;
    if (place !== undefined) origins[key] = at(place);
  }
  return { values, origins };
}

/** A reference to what has been imported already. */
export interface Imported extends ModuleReference {
  readonly found: () => Found;
}

/**
 * What a file names.
 *
 * @param exports of the module, those that are used
 * @param path the attributes that lead to it
 * @param written how the file names it
 */
export function imported(
  exports: Readonly<Record<string, unknown>>,
  path: readonly string[],
  written: string,
  place?: string,
): Imported {
  const position = place === undefined ? undefined : at(place);
  return {
    from: "module",
    specifier: written,
    path,
    base: "",
    written,
    at: position,
    found: () => attributesOf(exports, path, written, { at: position }),
  };
}
