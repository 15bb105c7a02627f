import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimes } from "@tsgi/testing";
import { build as esbuild, type Metafile } from "esbuild";
import { rollup } from "rollup";
import { build as vite, createServer } from "vite";
import { describe, expect, it } from "vitest";
import { command, type RuntimeName } from "../../../../tools/runtimes.mjs";
import esbuildPlugin from "../../src/plugin/esbuild.ts";
import rollupPlugin from "../../src/plugin/rollup.ts";
import vitePlugin from "../../src/plugin/vite.ts";
import { projects } from "./project.ts";

const run = promisify(execFile);
// from this package's folder the runtimes find the built packages
const project = projects(dirname(fileURLToPath(import.meta.url)));

const FILES = {
  "app.ini": "[app:main]\nuse = config:lib/base.ini\ntext = hello %(env:WHO|you)s\n",
  "lib/base.ini": "[app:main]\nuse = ./app.mjs:make\ntext = base\n",
  "lib/app.mjs": `export const make = (g, { text }) => (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [text + " at " + environ.PATH_INFO];
};
export const unused = () => "this is left out";
`,
  "main.mjs": 'import app from "./app.ini";\nexport default app;\n',
  // asks without a socket
  "ask.mjs": `import { call } from "@tsgi/core";
import app from "./app.ini";
const { status, body } = await call(app, { PATH_INFO: "/x" });
let text = "";
for await (const chunk of body) text += chunk;
console.log(status + " " + text);
`,
};
const BROKEN = { ...FILES, "lib/base.ini": "[app:main]\n\nuse = nowhere\n" };

async function answerOf(bundle: string): Promise<string> {
  const [node] = runtimes();
  await using server = await node.start(bundle, { env: { WHO: "Ada" } });
  return (await fetch(`${server.url}/x`)).text();
}

describe("esbuild", () => {
  const bundle = async (
    folder: string,
    target?: "workers",
  ): Promise<{ outfile: string; metafile: Metafile; code: string }> => {
    const outfile = join(folder, "bundle.mjs");
    const made = await esbuild({
      entryPoints: [join(folder, "main.mjs")],
      bundle: true,
      format: "esm",
      platform: "neutral",
      outfile,
      write: false,
      metafile: true,
      sourcemap: true,
      external: ["cloudflare:*"],
      plugins: [esbuildPlugin(target === undefined ? {} : { target })],
      logLevel: "silent",
    });
    for (const { path, text } of made.outputFiles) writeFileSync(path, text);
    return { outfile, metafile: made.metafile, code: made.outputFiles.find(({ path }) => path === outfile)!.text };
  };

  it("bundles an imported INI file, and leaves out what it does not use", async () => {
    const { outfile, code } = await bundle(project(FILES));
    expect(await answerOf(outfile)).toBe("hello Ada at /x");
    expect(code).not.toContain("this is left out");
    expect(code).not.toContain("node:fs");
  });

  it("compiles for Workers where it is told so", async () => {
    expect((await bundle(project(FILES), "workers")).code).toContain("cloudflare:workers");
  });

  it("says a fault at its place", async () => {
    const folder = project(BROKEN);
    const error = (await bundle(folder).then(
      () => undefined,
      (reason: unknown) => reason,
    )) as { errors: { text: string; location: { file: string; line: number } | null }[] };
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0].text).toMatch(/lib\/base\.ini:3:1: No section 'nowhere'/);
  });
});

describe("rollup", () => {
  it("bundles an imported INI file and watches every file that was read", async () => {
    const folder = project(FILES);
    const made = await rollup({ input: join(folder, "main.mjs"), plugins: [rollupPlugin()], external: [/^@tsgi\//] });
    await made.write({ file: join(folder, "bundle.mjs"), sourcemap: true });
    expect(made.watchFiles).toEqual(expect.arrayContaining([join(folder, "app.ini"), join(folder, "lib/base.ini")]));
    expect(await answerOf(join(folder, "bundle.mjs"))).toBe("hello Ada at /x");
  });

  it("says a fault at its place", async () => {
    const folder = project(BROKEN);
    await expect(
      rollup({ input: join(folder, "main.mjs"), plugins: [rollupPlugin()], external: [/^@tsgi\//] }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("lib/base.ini:3:1: No section 'nowhere'") as string,
      loc: { file: join(folder, "lib/base.ini"), line: 3 },
    });
  });
});

describe("vite", () => {
  it("bundles an imported INI file", async () => {
    const folder = project(FILES);
    await vite({
      root: folder,
      configFile: false,
      logLevel: "error",
      plugins: [vitePlugin()],
      build: { ssr: "main.mjs", outDir: "out", rollupOptions: { output: { entryFileNames: "bundle.mjs" } } },
    });
    expect(await answerOf(join(folder, "out/bundle.mjs"))).toBe("hello Ada at /x");
  });

  it("takes a changed file in its development server, one that the file names too", async () => {
    const folder = project(FILES);
    const server = await createServer({
      root: folder,
      configFile: false,
      logLevel: "silent",
      server: { middlewareMode: true, ws: false },
      plugins: [vitePlugin()],
      optimizeDeps: { noDiscovery: true },
    });
    try {
      const code = async (): Promise<string> => {
        await server.environments.ssr.transformRequest("/main.mjs");
        return (await server.environments.ssr.transformRequest("/app.ini"))?.code ?? "";
      };
      expect(await code()).toContain("hello ");
      writeFileSync(join(folder, "app.ini"), "[app:main]\nuse = config:lib/base.ini\n");
      await expect.poll(code, { timeout: 20_000 }).toContain('"base"');
      writeFileSync(join(folder, "lib/base.ini"), "[app:main]\nuse = ./app.mjs:make\ntext = changed\n");
      await expect.poll(code, { timeout: 20_000 }).toContain('"changed"');
    } finally {
      await server.close();
    }
  });
});

/** What a program prints. */
async function output(
  runtime: Exclude<RuntimeName, "workers">,
  flags: readonly string[],
  folder: string,
  file: string,
): Promise<string> {
  const { file: binary, args, env } = command(runtime, join(folder, file));
  // flags stand before the file
  const all = [...args.slice(0, -1), ...flags, ...args.slice(-1)];
  const { stdout } = await run(binary, all, { cwd: folder, env: { ...env, WHO: "Ada" }, timeout: 60_000 });
  return stdout.trim();
}

describe("bun", () => {
  it("bundles an imported INI file", async () => {
    const folder = project({
      ...FILES,
      "build.mjs": `import tsgi from "@tsgi/deploy/bun";
const made = await Bun.build({ entrypoints: [import.meta.dir + "/ask.mjs"], outdir: import.meta.dir + "/out", target: "bun", plugins: [tsgi()] });
if (!made.success) throw new AggregateError(made.logs);
console.log("built");
`,
    });
    expect(await output("bun", [], folder, "build.mjs")).toBe("built");
    expect(await output("bun", [], folder, "out/ask.js")).toBe("200 OK hello Ada at /x");
  });

  it("imports INI files in a program that is no bundle, by --preload", async () => {
    expect(await output("bun", ["--preload", "@tsgi/deploy/register"], project(FILES), "ask.mjs")).toBe(
      "200 OK hello Ada at /x",
    );
  });

  // without a plugin the import is a path, and says nothing: what is given the path does
  it("without the plugin, whatever serves the import says that it is missing", async () => {
    const folder = project({
      ...FILES,
      "serve.mjs": 'import app from "./app.ini";\nimport { toBun } from "@tsgi/bun";\ntoBun(app);\n',
    });
    await expect(output("bun", [], folder, "serve.mjs")).rejects.toThrow("the plugin of @tsgi/deploy is missing");
  });
});

describe("register", () => {
  it("imports INI files on Node", async () => {
    expect(await output("node", ["--import", "@tsgi/deploy/register"], project(FILES), "ask.mjs")).toBe(
      "200 OK hello Ada at /x",
    );
  });

  it("imports INI files on Deno", async () => {
    expect(await output("deno", ["--preload=npm:@tsgi/deploy/register"], project(FILES), "ask.mjs")).toBe(
      "200 OK hello Ada at /x",
    );
  });

  it("says what is wrong with a file when the program starts", async () => {
    await expect(output("node", ["--import", "@tsgi/deploy/register"], project(BROKEN), "ask.mjs")).rejects.toThrow(
      /lib\/base\.ini:3:1: No section 'nowhere'/,
    );
  });
});
