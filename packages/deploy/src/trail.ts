import { BUILTINS } from "./builtin/index.ts";
import { ConfigError } from "./error.ts";
import type { Section } from "./parse.ts";
import { shown } from "./quote.ts";
import { strip } from "./whitespace.ts";

/** The sections that led to one, the last first: who comes back to one of them goes in a circle. */
export interface Trail {
  readonly section: Section;
  readonly depth: number;
  readonly before: Trail | undefined;
}

/** How deep sections may lead into each other: a stack has an end, and a file made by a program may have none. */
const MAX_DEPTH = 500;

/** One step into a section; coming back to one that is still open is a circle. */
export function enter(section: Section, before: Trail | undefined): Trail {
  for (let step = before; step !== undefined; step = step.before)
    if (step.section === section) throw circle(section, before as Trail);
  const depth = (before?.depth ?? 0) + 1;
  if (depth > MAX_DEPTH)
    throw new ConfigError("recursion", `more than ${MAX_DEPTH} sections lead into each other`, {
      at: section.at,
      section: section.name,
    });
  return { section, depth, before };
}

/** The way from a section back to itself. */
function circle(section: Section, trail: Trail): ConfigError {
  const chain: Section[] = [section];
  for (let step: Trail | undefined = trail; step !== undefined; step = step.before) {
    chain.unshift(step.section);
    if (step.section === section) break;
  }
  const steps = chain.map(
    ({ name, at }) => `[${shown(name)}] (${at.file === section.at.file ? "line " : `${at.file}:`}${at.line})`,
  );
  const name = strip(section.name.slice(section.name.indexOf(":") + 1));
  const hint =
    chain.length === 2 && Object.hasOwn(BUILTINS, name)
      ? `; a section comes before the built-in of its name, which is written 'use = npm:@tsgi/deploy#${name}'`
      : "";
  return new ConfigError("recursion", `sections lead in a circle: ${steps.join(" → ")}${hint}`, {
    at: section.at,
    section: section.name,
  });
}
