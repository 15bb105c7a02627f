// `npm run bench:report`: bench/results/*.json and the hand-written parts of bench/report become docs/performance.md and
// its charts in docs/images. `npm run bench:report -- FILE...` takes these results alone.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../tools/runtimes.mjs";
import { BENCH } from "./contenders.mjs";
import { merge, page, pictures } from "./page.mjs";
import { loadResults } from "./results.mjs";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , ...files] = process.argv;
  const written = await report(files.length > 0 ? files.map((file) => resolve(file)) : await allResults(), ROOT);
  for (const file of written) console.log(relative(ROOT, file));
}

/**
 * Writes the page and its charts.
 *
 * @param files results; of a workload on a runtime the newest counts
 * @param root the folder whose docs are written
 * @returns what was written
 */
export async function report(files, root) {
  const results = await Promise.all(files.map(loadResults));
  const cells = merge(results);
  if (cells.length === 0) throw new Error("there are no results yet: npm run bench");
  const { barChart } = await import("./charts.mjs");
  const images = join(root, "docs/images");
  await mkdir(images, { recursive: true });
  const written = [];
  const write = async (file, text) => {
    await writeFile(file, text);
    written.push(file);
  };
  for (const { name, panels, options } of pictures(cells))
    await write(join(images, `${name}.svg`), barChart(panels, options));
  await write(join(root, "docs/performance.md"), page(cells, await parts()));
  return written;
}

async function allResults() {
  const folder = join(BENCH, "results");
  return (await readdir(folder)).filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}

/** The hand-written parts, by file name without number and ending: `10-method.md` is `method`. */
async function parts() {
  const folder = join(BENCH, "report");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}
