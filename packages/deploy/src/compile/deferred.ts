import type { Environment } from "../load.ts";

// `%(env:NAME)s` is no part of a build: a secret would stand in the bundle. What stands in a value until the module is
// written is a marker, a number between two noncharacters of Unicode, which no text holds.

const MARKER = /\uFDD0([0-9]+)\uFDD1/;
// as it is, in a quoted value, in a URL
const ANY_MARKER = /(?:\uFDD0|\\u\{?fdd0\}?|%EF%B7%90)([0-9]+)/i;

/** A variable that the compiled app reads when it is constructed. */
export interface Variable {
  readonly name: string;
  readonly fallback: string | undefined;
}

/** The variables of one build. */
export class Deferred {
  private readonly variables: Variable[] = [];

  /** Handed to the loader: leaves a marker for a variable, the same for the same one. */
  readonly environment: Environment = (name, fallback) => {
    let i = this.variables.findIndex((known) => known.name === name && known.fallback === fallback);
    if (i < 0) i = this.variables.push({ name, fallback }) - 1;
    return `\uFDD0${i}\uFDD1`;
  };

  /** A value in parts: text, and variables. */
  partsOf(value: string): (string | Variable)[] {
    return value
      .split(MARKER)
      .map((part, i) => (i % 2 === 0 ? part : this.variables[Number(part)]))
      .filter((part) => part !== "");
  }

  /** The first variable that a text depends on, as a file writes it. */
  firstIn(text: string): string | undefined {
    const index = ANY_MARKER.exec(text)?.[1];
    return index === undefined ? undefined : `%(env:${this.variables[Number(index)].name})s`;
  }
}
