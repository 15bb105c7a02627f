// Operations that the cases call loose: what the original does there is an accident, or one of several sensible things.
// What the loader does instead has to be one of these; the README of @tsgi/deploy says the same in words.

/** `applies(want, got)`: whether a result is this one; `strict`: also where the case does not say that it is loose. */
export const iniDifferences = [
  {
    id: "order",
    strict: true,
    reason: "the order of construction is the original's wherever it shows; the cases do not promise it, so it alone fails no case",
    applies: (want, got) => want.tree !== undefined && same({ ...want, created: [] }, { ...got, created: [] }),
  },
  {
    id: "slashes",
    reason: "a doubled slash of a path is collapsed in `here` and `__file__`, as in every path that Node, Bun and Deno resolve",
    applies: (want, got) => !("error" in got) && same(collapsed(want), collapsed(got)),
  },
  {
    id: "filtered",
    reason:
      "filter-with on a pipeline, a filter-app, or a section that uses a filtered one: the filter goes around the finished app, where the original gives an object that cannot be called",
    applies: (want, got) => want.tree?.kind === "other" && got.tree?.kind === "filtered",
  },
  {
    id: "settings",
    reason:
      "a section's settings win over those of a filtered section that it uses, and a [DEFAULT] value that evaluates to nothing is the empty string; the original forgets the ones and keeps the other's raw text",
    applies: (want, got) => want.tree !== undefined && want.tree?.kind !== "other" && same(shape(want), shape(got)),
  },
  {
    id: "error",
    reason: "an error all the same, of another kind: `module:attr` is read as a module, which is not there; a circle is told by its chain",
    applies: (want, got) =>
      "error" in got && ("error" in want || want.responses?.every((response) => "error" in response) === true),
  },
  {
    id: "accepted",
    reason:
      "what the original refuses by accident is taken: a byte order mark, a dotted attribute after `call:`, `call:` in a filter-app or without a section, any status in `catch`",
    applies: (want, got) => "error" in want && ("tree" in got || "config" in got || "responses" in got),
  },
  {
    id: "answers",
    reason:
      "hosts of urlmap count without regard to case, a prefix ends where a path segment does, package names have one spelling or any, and an app's exception has its own text",
    applies: (want, got) => want.responses !== undefined && want.responses.length === got.responses?.length,
  },
];

const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function collapsed(value) {
  return JSON.parse(JSON.stringify(value).replace(/\/{2,}/g, "/"));
}

/** A tree without the values of its settings. */
function shape(value) {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, /^(global|local)_conf$/.test(key) ? Object.keys(each).sort() : shape(each)]),
  );
}
