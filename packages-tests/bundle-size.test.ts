import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundleWorker, ROOT } from "../tools/runtimes.mjs";

/** Bytes of core, the workers adapter and a hello app, minified and gzipped. The aim is 6 KiB (6144). */
const LIMIT = 14_370;

const HELLO = `import { toWorker } from "@tsgi/workers";
export default toWorker((environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello World"];
});
`;

test(`core, the workers adapter and a hello app are at most ${LIMIT} bytes, minified and gzipped`, async () => {
  // within a package that has the adapter among its dependencies
  const scratch = await mkdtemp(join(ROOT, "examples/hello/dist/size-"));
  try {
    const entry = join(scratch, "worker.js");
    const outfile = join(scratch, "bundle.js");
    await writeFile(entry, HELLO);
    await bundleWorker(entry, outfile, { minify: true, legalComments: "none" });
    const bundle = await readFile(outfile);
    const size = gzipSync(bundle, { level: 9 }).length;
    console.log(`hello worker: ${size} bytes gzipped, ${bundle.length} minified; the limit is ${LIMIT}, the aim 6144`);
    expect(size).toBeGreaterThan(1000);
    expect(size).toBeLessThanOrEqual(LIMIT);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
