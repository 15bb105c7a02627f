// `npm run oracle -- DIR`: runs the reference cases of a directory against the built core and loader. Without a directory those beside
// the repository, or else its own copy. The last line is `N passed, N failed`; the exit status is 1 when something failed.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { reportOf, runOracle } from "./oracle/run.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const beside = join(ROOT, "../shared/oracle");
const [given] = process.argv.slice(2);
// npm runs a script in the root; a relative directory is meant from where the user stands
const from = process.env.INIT_CWD ?? process.cwd();
const directory = given === undefined ? (existsSync(beside) ? beside : join(ROOT, "oracle")) : resolve(from, given);

const [core, deploy] = ["core", "deploy"].map((name) => join(ROOT, `packages/${name}/dist/index.js`));
for (const built of [core, deploy])
  if (!existsSync(built)) {
    console.error(`${built} is missing: npm run build`);
    process.exit(1);
  }
try {
  const results = await runOracle(await import(core), directory, await import(deploy));
  console.log(reportOf(results));
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
