import { existsSync } from "node:fs";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, ROOT } from "../../../tools/runtimes.mjs";
import {
  ended,
  folderWith,
  HELLO,
  launch,
  removeFolder,
  run,
  RUNTIMES,
  serving,
  start,
  type Runtime,
} from "./command.ts";

let folder: string;
beforeAll(async () => {
  folder = await folderWith({
    ...HELLO,
    "echo.mjs": `import process from "node:process";
export default async (environ, startResponse) => {
  const { REQUEST_METHOD, PATH_INFO, QUERY_STRING, CONTENT_TYPE, HTTP_X_ONE } = environ;
  const status = PATH_INFO.slice(1) || "200";
  startResponse(status === "200" ? "200 OK" : status + " Some", [["Content-Type", "text/plain"], ["X-Two", "2"]]);
  const body = await environ["tsgi.input"].text();
  return [[REQUEST_METHOD, PATH_INFO, QUERY_STRING, CONTENT_TYPE, HTTP_X_ONE, body].join("|")];
};
`,
    "filters.mjs": `export const tag = (globalConf, { value }) => (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) => startResponse(status, [...headers, ["X-Tag", value]], error));
`,
    "whole.ini": `[DEFAULT]
team = wiki

[composite:main]
use = urlmap
/ = home
/v1 = tagged
/deep = inner

[composite:inner]
use = urlmap
/a = other
/b = both
domain wiki.example /c = home

[app:home]
use = ./app.mjs:makeHello
greeting = Hi

[app:other]
tsgi.app = ./app.mjs:hello
filter-with = one

[filter-app:tagged]
use = ./filters.mjs:tag
value = v1
next = home

[pipeline:both]
pipeline = one two other

[filter:one]
use = ./filters.mjs:tag
value = 1

[filter:two]
use = ./filters.mjs:tag
value = 2
`,
    "bad.ini": `[app:main]
use = ./app.mjs:makeHello
greeting = Hi ; not a comment

[app:second]
use = nowhere

[pipeline:third]
pipeline = missing main

[filter:fourth]
value = no factory
`,
    "public/index.txt": "files",
    "public/sub/a b.txt": "in a folder",
  });
});
afterAll(() => removeFolder(folder));

/** What runs the tests of a folder. */
function tester(runtime: Runtime): ReturnType<typeof command> {
  const line = command(runtime, "");
  const args = {
    node: ["--test"],
    bun: ["--bun", "test"],
    deno: ["test", "-A", "--no-lock", "--cached-only", "--no-check"],
  };
  return { ...line, args: args[runtime] };
}

describe.each(RUNTIMES)("on %s", (runtime) => {
  test("tsgi request prints an answer's body, and with -i its head; method, header, query and body arrive", async () => {
    const args = ["request", "echo.mjs", "/200?a=1", "-X", "PUT", "-H", "X-One: 1", "-H", "Content-Type: text/x"];
    const { code, out, err } = await run(runtime, [...args, "-d", "-", "-i"], { cwd: folder, input: "the body" });
    expect(err).toBe("");
    const [head, body] = out.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200/);
    expect(head).toMatch(/^x-two: 2$/im);
    expect(body).toBe("PUT|/200|a=1|text/x|1|the body");
    expect(code).toBe(0);
  });

  test("tsgi static serves files and listings, logs each request, and ends with status 0", async () => {
    await using server = await serving(runtime, ["static", "public", "--port", "0"], { cwd: folder });
    expect(server.out()).toContain("Serving public at http://127.0.0.1:");
    expect(await (await fetch(`${server.url}/index.txt`)).text()).toBe("files");
    const listing = await (await fetch(`${server.url}/sub/`)).text();
    expect(listing).toContain("a b.txt");
    expect((await fetch(`${server.url}/%2e%2e%2fapp.ini`)).status).toBe(404);
    await server.says(/^127\.0\.0\.1 - - \[.*\] "GET \/index\.txt HTTP\/1\.1" 200 5$/m);
    server.kill("SIGINT");
    expect(await server.exited).toBe(0);
  });

  test("tsgi create makes an app, a filter and a worker, which are served as they stand and pass their tests", async () => {
    const here = await folderWith({});
    try {
      for (const [template, file, answer] of [
        ["app", "app.ini", `Hello from ${runtime}: /\n`],
        ["worker", "app.ini", `Hello from ${runtime}: /\n`],
        ["filter", "development.ini", `Hello from ${runtime}\n`],
      ] as const) {
        const made = await run(runtime, ["create", template, "--template", template, "--yes"], { cwd: here });
        expect([made.code, made.err], template).toEqual([0, ""]);
        // what npm install would do
        await symlink(join(ROOT, "node_modules"), join(here, template, "node_modules"));
        const cwd = join(here, template);
        await using server = await serving(runtime, ["serve", file, "--port", "0"], { cwd });
        const got = await fetch(server.url);
        expect(await got.text(), template).toBe(answer);
        if (template === "filter") expect(got.headers.get("x-filter")).toBe("development");
        const own = await ended(start(tester(runtime), { cwd }));
        expect(own.code, own.err + own.out).toBe(0);
      }
    } finally {
      await removeFolder(here);
    }
  });
});

describe("tsgi request", () => {
  test.each([
    ["302", 0],
    ["404", 148],
    ["500", 244],
    ["512", 1],
  ])("an answer of %s is exit status %d", async (status, expected) => {
    const { code, out } = await run("node", ["request", "echo.mjs", `/${status}`], { cwd: folder });
    expect([code, out]).toEqual([expected, `GET|/${status}|||`.replace("|||", "||||")]);
  });

  test("with -d it is a POST, and an app of a file is named by -n", async () => {
    const posted = await run("node", ["request", "echo.mjs", "/", "-d", "a=1"], { cwd: folder });
    expect(posted.out).toMatch(/^POST\|.*\|a=1$/);
    const named = await run("node", ["request", "whole.ini", "/x", "-n", "home"], { cwd: folder });
    expect(named.out).toBe("Hi node |/x");
  });

  // `-X HEAD` printed the body that no client would have been sent.
  test("an answer to HEAD has no body", async () => {
    const { code, out } = await run("node", ["request", "echo.mjs", "/", "-X", "HEAD", "-i"], { cwd: folder });
    expect([code, out]).toEqual([0, expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/)]);
    expect(out).not.toContain("HEAD|");
  });

  // "EISDIR: illegal operation on a directory, read": of which file, it did not say.
  test("a .env that is a folder is named", async () => {
    const here = await folderWith({ ...HELLO, ".env/x": "" });
    try {
      const { code, err } = await run("node", ["request", "app.ini", "/"], { cwd: here });
      expect([code, err]).toEqual([
        1,
        "tsgi: .env cannot be read for variables: it is a folder, and a file was expected\n",
      ]);
    } finally {
      await removeFolder(here);
    }
  });

  test("a path without its slash, and a header that is none, are usage errors", async () => {
    expect((await run("node", ["request", "echo.mjs", "x"], { cwd: folder })).code).toBe(2);
    const { code, err } = await run("node", ["request", "echo.mjs", "/", "-H", "X One: 1"], { cwd: folder });
    expect([code, err]).toEqual([2, expect.stringContaining("X One: 1")]);
  });
});

describe("tsgi show", () => {
  test("prints the composition with each part's settings and the place that each came from", async () => {
    const { code, out } = await run("node", ["show", "whole.ini"], { cwd: folder });
    expect(code).toBe(0);
    expect(out).toContain("[composite:main]  urlmap  whole.ini:4:1\n");
    expect(out).toContain("├─ /v1  [filter-app:tagged]  whole.ini:");
    expect(out).toMatch(/greeting = Hi {2}whole\.ini:18:1/);
    expect(out).toContain("team = wiki");
    // the tree hangs together: every line of a child begins below its parent
    expect(out.match(/^(?:│ {2}| {3})*[├└]─ /gm)?.length).toBeGreaterThan(8);
  });

  test("--json gives the tree to programs", async () => {
    const { out } = await run("node", ["show", "whole.ini#both", "--json"], { cwd: folder });
    const { tree, files } = JSON.parse(out) as { tree: { type: string; filters: unknown[] }; files: string[] };
    expect([tree.type, tree.filters.length]).toEqual(["pipeline", 2]);
    expect(files).toEqual([join(folder, "whole.ini")]);
  });

  test.each(RUNTIMES)("--svg draws it, on %s", async (runtime) => {
    const file = join(folder, `${runtime}.svg`);
    const { code, err } = await run(runtime, ["show", "whole.ini", "--svg", file], { cwd: folder });
    expect([code, err]).toEqual([0, expect.stringContaining(`${runtime}.svg`)]);
    const drawn = await readFile(file, "utf8");
    expect(drawn).toContain("<svg");
    for (const label of ["composite:main", "app:home", "filters.mjs:tag", "/deep"]) expect(drawn).toContain(label);
  });

  test("imports nothing: a module that fails is shown all the same", async () => {
    await writeFile(join(folder, "fails.mjs"), "throw new Error('imported');\n");
    await writeFile(join(folder, "fails.ini"), "[app:main]\nuse = ./fails.mjs:makeApp\n");
    const { code, out } = await run("node", ["show", "fails.ini"], { cwd: folder });
    expect([code, out.split("\n")[0]]).toEqual([0, "[app:main]  ./fails.mjs:makeApp  fails.ini:1:1"]);
  });
});

describe("tsgi check", () => {
  test("reports every problem at once, in the order of the lines, with status 1", async () => {
    const { code, out } = await run("node", ["check", "bad.ini"], { cwd: folder });
    expect(code).toBe(1);
    const lines = out.trimEnd().split("\n");
    const places = lines.flatMap(
      (line) => /^bad\.ini:([0-9]+):[0-9]+: (error|warning): /.exec(line)?.slice(1, 3).join(" ") ?? [],
    );
    expect(places).toEqual(["3 warning", "6 error", "9 error", "11 error"]);
    expect(lines.at(-1)).toBe("3 errors, 1 warning in 1 file");
  });

  test("a sound file has status 0; --json is for programs", async () => {
    const { code, out } = await run("node", ["check", "whole.ini", "--json"], { cwd: folder });
    expect([code, JSON.parse(out)]).toEqual([0, { files: [join(folder, "whole.ini")], problems: [] }]);
  });
});

describe("tsgi routes", () => {
  test("lists which path leads to which app, and through which filters", async () => {
    const { code, out } = await run("node", ["routes", "whole.ini"], { cwd: folder });
    expect(code).toBe(0);
    const rows = out
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/).slice(0, -1));
    expect(rows).toEqual([
      ["/", "[app:home]", "./app.mjs:makeHello"],
      ["/v1", "[app:home]", "./app.mjs:makeHello", "through tagged"],
      ["/deep/a", "[app:other]", "./app.mjs:hello", "through one"],
      ["/deep/b", "[app:other]", "./app.mjs:hello", "through one, two, one"],
      ["domain wiki.example /deep/c", "[app:home]", "./app.mjs:makeHello"],
    ]);
  });
});

describe("tsgi build", () => {
  test("writes a module and its source map, and the module answers as the file does", async () => {
    const out = join(folder, "built/app.mjs");
    const args = ["build", "whole.ini", "--target", "node", "--out", "built/app.mjs", "--bundle"];
    const { code, err } = await run("node", args, { cwd: folder });
    expect([code, err]).toEqual([0, expect.stringContaining("wrote built/app.mjs (node)")]);
    expect(existsSync(`${out}.map`)).toBe(true);
    await using server = await serving("node", ["serve", "built/app.mjs", "--port", "0"], { cwd: folder });
    const answer = await fetch(`${server.url}/v1/x`);
    expect([await answer.text(), answer.headers.get("x-tag")]).toEqual(["Hi node /v1|/x", "v1"]);
    expect(pathToFileURL(out).href).toContain("built/app.mjs");
  });

  // Incident: Node makes the folders of a path one after another for ever when /proc says that it has no such folder.
  test.runIf(process.platform === "linux")("a file that cannot be written is said in a line", async () => {
    const told = async (out: string): Promise<string> => {
      const { code, err } = await run("node", ["build", "app.ini", "--target", "node", "--out", out], { cwd: folder });
      expect(code).toBe(1);
      return err;
    };
    expect(await told("/proc/x/y.js")).toBe("tsgi: cannot write /proc/x/y.js: /proc/x cannot be made there\n");
    expect(await told("app.mjs/y.js")).toBe(
      "tsgi: cannot write app.mjs/y.js: app.mjs is a file, and a folder was expected\n",
    );
    expect(await told("public")).toBe("tsgi: cannot write public: it is a folder, and a file was expected\n");
  });

  // `tsgi build app.ini --out app.ini` wrote its module over the INI file, and --out app.mjs over the app's own code.
  test("overwrites nothing that it is made from", async () => {
    const files = { "kept.ini": "[app:main]\nuse = ./kept.mjs:makeHello\n", "kept.mjs": HELLO["app.mjs"] };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await symlink("kept.mjs", join(folder, "link.mjs"));
    for (const out of ["kept.ini", "./kept.mjs", "link.mjs"]) {
      const { code, err } = await run("node", ["build", "kept.ini", "--target", "node", "--out", out], { cwd: folder });
      expect([code, err]).toEqual([2, expect.stringContaining(`--out ${out} would overwrite`)]);
    }
    const shown = await run("node", ["show", "kept.ini", "--svg", "kept.ini"], { cwd: folder });
    expect([shown.code, shown.err]).toEqual([
      2,
      "tsgi: --svg kept.ini would overwrite kept.ini, which is shown; name another file\n",
    ]);
    for (const [name, text] of Object.entries(files)) expect(await readFile(join(folder, name), "utf8")).toBe(text);
  });

  test("--watch builds again when the file changes, and after one that does not compile", async () => {
    await writeFile(join(folder, "watched.ini"), "[app:main]\ntsgi.app = ./app.mjs:hello\n");
    await using builder = launch("node", ["build", "watched.ini", "--out", "watched/app.js", "--watch"], {
      cwd: folder,
    });
    await builder.says(/wrote watched/);
    await writeFile(join(folder, "watched.ini"), "[app:main]\nuse = nowhere\n");
    await builder.says(/watched\.ini:2:\d+: .*nowhere/);
    await writeFile(join(folder, "watched.ini"), "[app:main]\nuse = ./app.mjs:makeHello\ngreeting = Again\n");
    await builder.says(/wrote watched[^]*wrote watched/);
    expect(await readFile(join(folder, "watched/app.js"), "utf8")).toContain("Again");
    builder.kill("SIGTERM");
    expect(await builder.exited).toBe(0);
  });
});

test("a folder that is not there is a usage error, in one line", async () => {
  const { code, err } = await run("node", ["static", "nowhere"], { cwd: folder });
  expect([code, err]).toEqual([2, "tsgi: nowhere is no folder\n"]);
});

describe("tsgi create", () => {
  // Incident: the worker imported toWorker from tsgi, whose types outside a Worker are those of Node and have none.
  test.each(["app", "worker"])("the types of its %s hold", async (template) => {
    const here = await folderWith({});
    try {
      await run("node", ["create", template, "--template", template, "--yes"], { cwd: here });
      const cwd = join(here, template);
      if (template === "worker") await run("node", ["build", "app.ini", "--out", "dist/app.js", "-q"], { cwd });
      const tsc = join(ROOT, "node_modules/typescript-5.9/bin/tsc");
      const { code, out } = await ended(start(command("node", tsc), { cwd }));
      expect([out, code]).toEqual(["", 0]);
    } finally {
      await removeFolder(here);
    }
  });

  test("overwrites nothing, and takes no name that npm would refuse", async () => {
    const full = await run("node", ["create", "public", "--template", "app"], { cwd: folder });
    expect([full.code, full.err]).toEqual([1, expect.stringContaining("public is not empty")]);
    const file = await run("node", ["create", "app.ini", "--template", "app"], { cwd: folder });
    expect([file.code, file.err]).toEqual([1, expect.stringContaining("app.ini is a file")]);
    const named = await run("node", ["create", "new", "--template", "app", "--name", "My App"], { cwd: folder });
    expect([named.code, named.err]).toEqual([2, expect.stringContaining('"My App"')]);
    expect(existsSync(join(folder, "new"))).toBe(false);
  });

  // "cd Ünï x" and "cd -x" did not work when they were pasted.
  test.runIf(process.platform !== "win32")("the folder to go to is written as a shell reads it", async () => {
    const here = await folderWith({});
    try {
      for (const name of ["Ünï x", "it's", "-x", "plain"]) {
        const { out } = await run("node", ["create", "--yes", "--", name], { cwd: here });
        const [line] = /^ +cd .*$/m.exec(out) ?? [];
        const shell = await ended(
          start({ ...command("node", ""), file: "sh", args: ["-c", `${line} && pwd`] }, { cwd: here }),
        );
        expect([shell.code, shell.out]).toEqual([0, `${join(here, name)}\n`]);
      }
    } finally {
      await removeFolder(here);
    }
  });

  test("asks nothing where there is no terminal: what is missing is a usage error", async () => {
    expect((await run("node", ["create"], { cwd: folder })).code).toBe(2);
  });
});

test("help names every command, and each command's help its options and examples", async () => {
  const { code, out } = await run("node", ["--help"]);
  expect(code).toBe(0);
  const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name).filter((name) => name !== "help");
  expect(commands).toEqual(["serve", "static", "request", "show", "check", "routes", "build", "create"]);
  for (const name of commands) {
    const help = await run("node", [name, "--help"]);
    expect([help.code, help.out], name).toEqual([0, expect.stringContaining("Examples:")]);
    expect(help.out).toContain("--runtime <name>");
  }
});

test("a port that a static server cannot have is said in a line", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  try {
    const { code, err } = await run("node", ["static", "--port", String(port)], { cwd: folder });
    expect([code, err]).toEqual([1, expect.stringContaining(`127.0.0.1:${port} is in use`)]);
  } finally {
    taken.close();
  }
});
