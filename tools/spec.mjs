// `npm run spec`: prints SPEC.md from the validator's rule comments and the prose beside them. With `--check` it writes
// nothing and exits with status 1 when SPEC.md is stale.
//
// A rule is the `/// ` comment above its check: `/// S4. A key without a dot holds a string …`. The page is
// `packages/core/src/validator/spec.md`, in which `<!-- rules S -->` stands for the rules of that letter in their order, and
// `<!-- code FILE -->` for a file's code.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const VALIDATOR = join(ROOT, "packages/core/src/validator");
export const SPEC = join(ROOT, "SPEC.md");

const LETTERS = { S: "servers", A: "applications", F: "filters" };

/** The rules as the validator's sources have them: `{ id, text, file }`, in the order of their ids. */
export function readRules() {
  const rules = [];
  for (const file of readdirSync(VALIDATOR).filter((name) => name.endsWith(".ts"))) {
    const source = readFileSync(join(VALIDATOR, file), "utf8");
    for (const [block] of source.matchAll(/(?:^ *\/\/\/ .*\n)+/gm)) {
      const text = block
        .replaceAll(/^ *\/\/\/ /gm, "")
        .replaceAll("\n", " ")
        .trim();
      const [, id, rest] = /^([SAF]\d+)\. (.+)$/.exec(text) ?? [];
      if (id === undefined) throw new Error(`${file}: a rule comment has no id: ${text.slice(0, 60)}`);
      // the comment stands above a check that names the same rule
      if (!source.includes(`"${id}"`) && !source.includes(`rule ${id})`))
        throw new Error(`${file}: no check names the rule ${id}`);
      rules.push({ id, text: rest, file });
    }
  }
  rules.sort((a, b) => a.id[0].localeCompare(b.id[0]) || Number(a.id.slice(1)) - Number(b.id.slice(1)));
  for (const letter of Object.keys(LETTERS)) checkNumbers(rules.filter(({ id }) => id.startsWith(letter)));
  return rules;
}

/** Ids are stable: none twice, none left out. */
function checkNumbers(rules) {
  rules.forEach(({ id, file }, i) => {
    if (Number(id.slice(1)) !== i + 1) throw new Error(`${file}: rule ${id} where ${id[0]}${i + 1} is due`);
  });
}

/** SPEC.md as it should be. */
export function renderSpec() {
  const rules = readRules();
  const page = readFileSync(join(VALIDATOR, "spec.md"), "utf8");
  return page
    .replaceAll(/^<!-- rules ([SAF]) -->$/gm, (_, letter) =>
      rules
        .filter(({ id }) => id.startsWith(letter))
        .map(({ id, text }) => wrap(`- <a id="${id.toLowerCase()}"></a>**${id}.** ${text}`))
        .join("\n"),
    )
    .replaceAll(/^<!-- code (\S+) -->$/gm, (_, file) => {
      const code = readFileSync(join(ROOT, file), "utf8").trim();
      return ["```ts", code, "```"].join("\n");
    });
}

/** A list item in lines of at most 120 characters, so that a changed rule is a small difference. */
function wrap(item) {
  const lines = [""];
  for (const word of item.split(" ")) {
    const line = lines.at(-1);
    if (line !== "" && `${line} ${word}`.length > 120) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}

/** What SPEC.md is now; the empty string when there is none. */
export function readSpec() {
  try {
    return readFileSync(SPEC, "utf8");
  } catch {
    return "";
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const wanted = renderSpec();
  if (!process.argv.includes("--check")) writeFileSync(SPEC, wanted);
  else if (readSpec() !== wanted) {
    console.error("SPEC.md is stale: npm run spec");
    process.exitCode = 1;
  }
}
