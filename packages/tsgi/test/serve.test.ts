import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderWith, HELLO, launch, removeFolder, run, RUNTIMES, serving } from "./command.ts";

let folder: string;
beforeAll(async () => {
  folder = await folderWith({
    ...HELLO,
    "slow.mjs": `export default async (environ, startResponse) => {
  console.log("in flight");
  await new Promise((resolve) => setTimeout(resolve, environ.PATH_INFO === "/long" ? 60_000 : 600));
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["done"];
};
`,
    "broken.mjs": `export default () => {
  throw new Error("the app is at fault");
};
`,
    "typed.ts": `import type { App } from "tsgi";
interface Greeting { text: string }
const greeting: Greeting = { text: "typed" };
export const hello: App = (environ, startResponse) => {
  startResponse("200 OK", []);
  return [greeting.text];
};
`,
    "hono.mjs": `export default { fetch: (request) => new Response("fetched " + new URL(request.url).pathname) };
`,
    "none.mjs": `export const port = 8080;
export const app = () => [];
`,
    "two.ini": HELLO["app.ini"].replace("port = 0", "listen = 127.0.0.1:0 localhost:0"),
    "bare.ini": `[app:main]
tsgi.app = ./app.mjs:hello
[app:other]
use = ./app.mjs:makeHello
greeting = %(word)s
`,
    "dev.ini": `[app:main]
tsgi.app = ./broken.mjs
[server:main]
use = tsgi
port = 0
[pserve]
dev = true
`,
    "env.ini": `[app:main]
use = ./app.mjs:makeHello
greeting = %(env:TSGI_TEST_GREETING)s
`,
    "logged.ini": `[app:main]
tsgi.app = ./broken.mjs
[filter:log]
use = npm:@tsgi/middleware#access-log
[pipeline:dev]
pipeline = log main
[server:main]
use = tsgi
port = 0
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = INFO
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
`,
    ".env": "TSGI_TEST_GREETING=Beside\n",
    "named.env": "TSGI_TEST_GREETING=Named\n",
  });
});
afterAll(() => removeFolder(folder));

const text = async (url: string): Promise<string> => (await fetch(url)).text();

describe.each(RUNTIMES)("tsgi serve on %s", (runtime) => {
  test("serves what an INI file composes, says where and what, and ends with status 0", async () => {
    await using server = await serving(runtime, ["serve", "app.ini"], { cwd: folder });
    expect(await text(`${server.url}/a`)).toBe(`Welcome ${runtime} |/a`);
    expect(await text(`${server.url}/wiki/a`)).toBe(`Hello ${runtime} /wiki|/a`);
    expect(server.out()).toMatch(/^TSGI on (?:Node|Bun|Deno) \d+\.\d+\.\d+ serves http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(server.out()).toContain("[composite:main]  urlmap  app.ini:1:1");
    expect(server.out()).toContain("├─ /  [app:home]  ./app.mjs:makeHello  app.ini:6:1");
    expect(server.out()).toContain("└─ /wiki  [app:wiki]  ./app.mjs:hello (tsgi.app)  app.ini:10:1");
    server.kill("SIGINT");
    expect(await server.exited).toBe(0);
    expect(server.err()).toBe("");
  });

  test("serves a module's default export, one that it names, TypeScript, and what has fetch", async () => {
    const asked = [
      ["app.mjs", `Hello ${runtime} |/x`],
      ["app.mjs:hello", `Hello ${runtime} |/x`],
      ["typed.ts:hello", "typed"],
      ["hono.mjs", "fetched /x"],
    ] as const;
    for (const [name, answer] of asked) {
      await using server = await serving(runtime, ["serve", name, "--port", "0"], { cwd: folder });
      expect(await text(`${server.url}/x`), name).toBe(answer);
    }
  });

  test("lets a request in flight finish at SIGTERM", async () => {
    await using server = await serving(runtime, ["serve", "slow.mjs", "--port", "0"], { cwd: folder });
    const answer = text(server.url);
    await server.says(/in flight/);
    server.kill("SIGTERM");
    expect(await answer).toBe("done");
    expect(await server.exited).toBe(0);
  });

  test("a second signal cuts what the first lets finish", async () => {
    await using server = await serving(runtime, ["serve", "slow.mjs", "--port", "0"], { cwd: folder });
    const answer = text(`${server.url}/long`).catch(() => "cut");
    await server.says(/in flight/);
    server.kill("SIGTERM");
    // the first signal has been heard when nobody is accepted any more
    await expect.poll(() => accepts(server.url), { timeout: 10_000 }).toBe(false);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(143);
    expect(await answer).toBe("cut");
  });

  // Incident: Node said that it is not allowed, Bun and Deno added a line of TSGI's own code.
  test("a unix socket in a folder that is not there is said to be in none", async () => {
    const { code, err } = await run(runtime, ["serve", "app.ini", "--listen", "unix:no-such/s"], { cwd: folder });
    expect([code, err]).toEqual([1, "tsgi: cannot listen on unix:no-such/s: there is no folder no-such\n"]);
  });

  // Incident: whoever read the access log ended, and with the next line the server did too, with status 0 and requests in
  // flight; under --reload it was the next change of a file that ended it.
  test("goes on when nobody reads what it prints any more", async () => {
    const here = await folderWith({
      "app.mjs": HELLO["app.mjs"],
      "app.ini": "[app:main]\ntsgi.app = ./app.mjs\n[server:main]\nuse = tsgi\nport = 0\naccess_log = -\n",
    });
    try {
      for (const more of [[], ["--reload"]]) {
        await using server = await serving(runtime, ["serve", "app.ini", ...more], { cwd: here });
        server.child.stdout?.destroy();
        server.child.stderr?.destroy();
        await expect.poll(() => text(server.url)).toContain("Hello");
        await writeFile(join(here, "app.mjs"), HELLO["app.mjs"].replace('"Hello"', '"Still here"'));
        if (more.length > 0) await expect.poll(() => text(server.url), { timeout: 20_000 }).toContain("Still here");
        for (let i = 0; i < 5; i++) expect(await text(server.url)).toContain(runtime);
        await writeFile(join(here, "app.mjs"), HELLO["app.mjs"]);
        server.kill("SIGTERM");
        expect(await server.exited).toBe(0);
      }
    } finally {
      await removeFolder(here);
    }
  });

  test("an address that is taken is said in a line, with status 1", async () => {
    await using server = await serving(runtime, ["serve", "app.ini"], { cwd: folder });
    const { port } = new URL(server.url);
    const { code, err } = await run(runtime, ["serve", "app.ini", "--port", port], { cwd: folder });
    expect(code).toBe(1);
    expect(err).toMatch(/^tsgi: .*is in use.*--port/);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  test("reads .env beside the file, and puts -e around the file's app", async () => {
    const here = await folderWith({
      "app.mjs": HELLO["app.mjs"],
      "app.ini": "[app:main]\nuse = ./app.mjs:makeHello\ngreeting = %(env:TSGI_GREETING)s\n",
      ".env": "TSGI_GREETING=Servus\n",
    });
    try {
      const args = ["serve", "app.ini", "--port", "0", "-e", 'urlmap({ "/v2": app })'];
      await using server = await serving(runtime, args, { cwd: here });
      expect(await text(`${server.url}/v2/x`)).toBe(`Servus ${runtime} /v2|/x`);
    } finally {
      await removeFolder(here);
    }
  });

  test.runIf(process.platform === "linux").each([[], ["--reload"]])("--open %s opens the page", async (...more) => {
    const here = await folderWith({ ...HELLO, browser: '#!/bin/sh\necho "$1" > opened.tmp && mv opened.tmp opened\n' });
    try {
      await chmod(join(here, "browser"), 0o755);
      // a desktop has a browser of its own, which nobody wants to see here
      const env = { BROWSER: join(here, "browser"), XDG_CURRENT_DESKTOP: "X-Generic" };
      await using server = await serving(runtime, ["serve", "app.ini", "--open", ...more], { cwd: here, env });
      const opened = (): Promise<string> => readFile(join(here, "opened"), "utf8").catch(() => "");
      await expect.poll(opened, { timeout: 15_000 }).toBe(`${server.url}/\n`);
    } finally {
      await removeFolder(here);
    }
  });

  test.each([
    ["no.such.name.invalid", "this machine has no address of that name; 127.0.0.1, "],
    ["192.0.2.1", "this machine has no address like that; 127.0.0.1, "],
  ])("a --host that is not this machine's, %s, is said in a line", async (host, reason) => {
    for (const more of [[], ["--reload"]]) {
      const args = ["serve", "app.ini", "--host", host, "--port", "0", "-q", ...more];
      const { code, err } = await run(runtime, args, { cwd: folder });
      expect(err).toContain(`cannot listen on ${host}:0: ${reason}`);
      expect(code).toBe(1);
    }
  });

  test("--dev shows an error in the answer and logs each request; without it the answer says nothing", async () => {
    await using server = await serving(runtime, ["serve", "broken.mjs", "--port", "0", "--dev"], { cwd: folder });
    const page = await fetch(`${server.url}/shown`);
    expect(page.status).toBe(500);
    expect(await page.text()).toContain("the app is at fault");
    await server.says(/"GET \/shown HTTP\/1\.1" 500/);
    await using bare = await serving(runtime, ["serve", "broken.mjs", "--port", "0"], { cwd: folder });
    expect(await text(bare.url)).not.toContain("at fault");
  });
});

async function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe("tsgi serve", () => {
  test("serves the named app of a file: by -n, and by what follows #", async () => {
    for (const args of [["bare.ini", "-n", "other"], ["bare.ini#other"], ["config:bare.ini#other"]]) {
      const all = ["serve", ...args, "word=Ahoy", "--port", "0"];
      await using server = await serving("node", all, { cwd: folder });
      expect(await text(server.url), args.join(" ")).toBe("Ahoy node |/");
    }
  });

  test("without a [server:main] it is the server of the runtime, on 127.0.0.1:8080 unless told otherwise", async () => {
    await using server = await serving("node", ["serve", "bare.ini", "--port", "0"], { cwd: folder });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const { out } = await run("node", ["serve", "--help"]);
    expect(out).toContain("else 8080");
  });

  test("listens at each address of the file, and at each --listen", async () => {
    for (const args of [["two.ini"], ["app.ini", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]]) {
      await using server = await serving("node", ["serve", ...args], { cwd: folder });
      const urls = [...server.out().matchAll(/http:\/\/\S+?(?=\/(?:\s|$))/g)].map(([url]) => url);
      expect(new Set(urls).size, args.join(" ")).toBe(2);
      for (const url of urls) expect(await text(url)).toBe("Welcome node |/");
    }
  });

  test.each(RUNTIMES)(
    "on %s listens on a unix socket, also where one that was killed has left its file",
    async (runtime) => {
      const path = join(folder, `${runtime}.s`);
      const args = ["serve", "app.ini", "--listen", `unix:${path}`];
      const ask = async (): Promise<string> => {
        const asked = request({ socketPath: path, path: "/u", headers: { connection: "close" } });
        asked.end();
        const [answer] = (await once(asked, "response")) as [AsyncIterable<Buffer>];
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      };
      {
        await using killed = launch(runtime, args, { cwd: folder });
        await killed.says(/serves/);
        killed.kill("SIGKILL");
        await killed.exited;
      }
      await using server = launch(runtime, args, { cwd: folder });
      await server.says(/serves/);
      expect(await ask()).toBe(`Welcome ${runtime} |/u`);
      const second = await run(runtime, args, { cwd: folder });
      expect([second.code, second.err]).toEqual([1, expect.stringContaining("in use")]);
      server.kill("SIGTERM");
      expect(await server.exited).toBe(0);
      expect(existsSync(path)).toBe(false);
    },
  );

  // Incident: the path was said to be in use on its port -1.
  test("a unix socket that is taken is said by its path", async () => {
    const path = join(folder, "taken");
    await using server = launch("node", ["serve", "app.ini", "--listen", `unix:${path}`], { cwd: folder });
    await server.says(/serves/);
    const { code, err } = await run("node", ["serve", "app.ini", "--listen", `unix:${path}`], { cwd: folder });
    expect([code, err]).toEqual([
      1,
      `tsgi: ${path} is in use: another process listens there; choose another with --listen\n`,
    ]);
  });

  test("-s serves with another server than the file's", async () => {
    for (const name of ["node", "tsgi", "egg:waitress#main"]) {
      await using server = await serving("node", ["serve", "app.ini", "-s", name, "--port", "0"], { cwd: folder });
      expect(await text(server.url), name).toBe("Welcome node |/");
    }
  });

  test("-e serves an expression, in which the names of tsgi and the app of the file are known", async () => {
    const hello = '(environ, start) => { start("200 OK", []); return ["typed here"]; }';
    await using alone = await serving("node", ["serve", "-e", hello, "--port", "0"], { cwd: folder });
    expect(await text(alone.url)).toBe("typed here");
    const mounted = 'urlmap({ "/under": app })';
    await using around = await serving("node", ["serve", "app.ini", "-e", mounted], { cwd: folder });
    expect(await text(`${around.url}/under/x`)).toBe("Welcome node /under|/x");
  });

  test("[pserve] dev = true is --dev, and --no-dev is not", async () => {
    await using server = await serving("node", ["serve", "dev.ini"], { cwd: folder });
    expect(await text(server.url)).toContain("the app is at fault");
    await using bare = await serving("node", ["serve", "dev.ini", "--no-dev"], { cwd: folder });
    expect(await text(bare.url)).not.toContain("at fault");
  });

  test("reads .env beside the file, or the named one; what the environment has stays", async () => {
    const greeting = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
      await using server = await serving("node", ["serve", "env.ini", "--port", "0", ...args], { cwd: folder, env });
      return await text(server.url);
    };
    expect(await greeting([])).toBe("Beside node |/");
    expect(await greeting(["--env-file", "named.env"])).toBe("Named node |/");
    expect(await greeting([], { TSGI_TEST_GREETING: "Set" })).toBe("Set node |/");
    const without = await run("node", ["serve", "env.ini", "--no-env-file"], { cwd: folder });
    expect([without.code, without.err]).toEqual([1, expect.stringContaining("TSGI_TEST_GREETING")]);
  });

  test("[loggers] of the file is where errors and the access log go", async () => {
    await using server = await serving("node", ["serve", "logged.ini", "-n", "dev"], { cwd: folder });
    await text(`${server.url}/logged`);
    await server.says(/^INFO {2}\[tsgi\.access\] .*"GET \/logged HTTP\/1\.1" 500/m);
    await server.says(/^ERROR \[tsgi\] [^]*the app is at fault/m);
    expect(server.err()).not.toMatch(/^tsgi:/m);
  });

  test("-q says nothing while all is well", async () => {
    const path = join(folder, "quiet.s");
    await using server = launch("node", ["serve", "app.ini", "--listen", `unix:${path}`, "-q"], { cwd: folder });
    await expect.poll(() => existsSync(path), { timeout: 15_000 }).toBe(true);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    expect(server.out() + server.err()).toBe("");
  });

  test.each([
    ["no app", ["serve"], "You must give a config file"],
    ["an assignment without =", ["serve", "app.ini", "foo"], `Variable assignment 'foo' invalid (no "=")`],
    ["a file that is not there", ["serve", "nope.ini"], "nope.ini: there is no such file"],
    ["an unknown option", ["serve", "app.ini", "--prot", "1"], "unknown option '--prot'"],
    ["an unknown command", ["srve", "app.ini"], "unknown command 'srve'"],
    ["a port that is none", ["serve", "app.ini", "--port", "http"], "--port http is not a whole number"],
    ["an address that is none", ["serve", "app.ini", "--listen", "foo"], '--listen "foo" is none of "host:port"'],
    ["two ways to say where", ["serve", "app.ini", "--port", "1", "--listen", "*:1"], "either --listen or --host"],
    ["a runtime that is none", ["serve", "app.ini", "--runtime", "python"], "node, bun, deno"],
  ])("%s is a usage error: status 2", async (_title, args, message) => {
    const { code, out, err } = await run("node", args, { cwd: folder });
    expect(err).toContain(message);
    expect([code, out]).toEqual([2, ""]);
  });

  test("a mistake in a file is said with its place and without a stack; -v adds the stack", async () => {
    const broken = await folderWith({
      "app.ini": "[app:main]\nuse = ./app.mjs:makeHelo\n",
      "app.mjs": HELLO["app.mjs"],
    });
    try {
      const { code, err } = await run("node", ["serve", "app.ini"], { cwd: broken });
      expect(code).toBe(1);
      expect(err).toMatch(/app\.ini:2:\d+: .*makeHelo.*makeHello/);
      expect(err).not.toMatch(/^\s+at /m);
      expect((await run("node", ["serve", "app.ini", "-v"], { cwd: broken })).err).toMatch(/^\s+at /m);
    } finally {
      await removeFolder(broken);
    }
  });

  // each was told twice, the second time without its place
  test("a bad setting is told once, with its place", async () => {
    const server = "[server:main]\nuse = tsgi\nprot = 80\nport = 80800\n";
    const broken = await folderWith({ ...HELLO, "app.ini": `[app:main]\ntsgi.app = ./app.mjs:hello\n${server}` });
    try {
      const two = (await run("node", ["serve", "app.ini"], { cwd: broken })).err;
      expect(two).toMatch(/app\.ini:5:\d+: .*'prot'.*\n.*app\.ini:6:\d+: .*'80800'/);
      expect(two.match(/80800/g)).toHaveLength(1);
      await writeFile(
        join(broken, "app.ini"),
        `[app:main]\ntsgi.app = ./app.mjs:hello\n${server.replace(/prot.*\n/, "")}`,
      );
      const one = (await run("node", ["serve", "app.ini"], { cwd: broken })).err;
      expect(one.trimEnd()).toMatch(/^tsgi: [^\n]*app\.ini:5:\d+: [^\n]*'80800'[^\n]*$/);
    } finally {
      await removeFolder(broken);
    }
  });

  // "String is not true/false: 'maybe'", and "serve: tls.cert is not text in PEM" with a line of TSGI's own code, were all
  // that was said of a file of many sections; and that "this machine has no address" of the name fd:99.
  test("a bad setting of the command, a file that is no certificate and a socket that is not there are said with their place", async () => {
    await writeFile(join(folder, "dev.ini"), "[tsgi]\ndev = maybe\n[app:main]\ntsgi.app = ./app.mjs:hello\n");
    for (const command of ["serve", "check"]) {
      const { code, out, err } = await run("node", [command, "dev.ini"], { cwd: folder });
      expect([code, out + err]).toEqual([
        1,
        expect.stringMatching(/dev\.ini:2:\d+: .*\[tsgi\] setting 'dev': .*'maybe'/),
      ]);
    }
    await writeFile(
      join(folder, "tls.ini"),
      "[app:main]\ntsgi.app = ./app.mjs:hello\n[server:main]\nuse = tsgi\nport = 0\ntls_cert = app.mjs\ntls_key = app.mjs\n",
    );
    const tls = await run("node", ["serve", "tls.ini"], { cwd: folder });
    expect([tls.code, tls.err]).toEqual([
      1,
      expect.stringMatching(/tls\.ini:6:\d+: \[server:main\]: tls\.cert is not text in PEM/),
    ]);
    const fd = await run("node", ["serve", "app.ini", "--listen", "fd:99"], { cwd: folder });
    expect([fd.code, fd.err]).toEqual([1, expect.stringMatching(/^tsgi: cannot listen on fd:99: .*no open socket/)]);
  });

  // A factory whose promise never settles ended the command with status 13 and not a word; under --reload all that was
  // said was "waiting for a change".
  test("what never settles is said before the command ends", async () => {
    await writeFile(join(folder, "never.mjs"), "export const never = () => new Promise(() => {});\n");
    await writeFile(join(folder, "never.ini"), "[app:main]\nuse = ./never.mjs:never\n");
    await writeFile(join(folder, "await.mjs"), "await new Promise(() => {});\n");
    await writeFile(join(folder, "await.ini"), "[app:main]\nuse = ./await.mjs:x\n");
    const said = expect.stringMatching(/^tsgi: nothing is left to wait for.*never settles/) as string;
    for (const runtime of RUNTIMES) {
      const { code, err } = await run(runtime, ["serve", "never.ini"], { cwd: folder });
      expect([runtime, code, err]).toEqual([runtime, 1, said]);
    }
    const { code, err } = await run("node", ["check", "await.ini"], { cwd: folder });
    expect([code, err]).toEqual([1, said]);
    await using reloading = launch("node", ["serve", "never.ini", "--reload"], { cwd: folder });
    await reloading.says(/never settles[^]*waiting for a change/);
  });

  test("a module without an app says what it exports", async () => {
    const { code, err } = await run("node", ["serve", "none.mjs"], { cwd: folder });
    expect(err).toContain("none.mjs has no default export; it exports app: write none.mjs:app");
    expect(code).toBe(1);
    const misspelt = await run("node", ["serve", "none.mjs:ap"], { cwd: folder });
    expect(misspelt.err).toContain("none.mjs has no export ap (did you mean 'app'?); it exports app");
  });
});

describe("--runtime", () => {
  test.each(RUNTIMES)("runs the same command on %s, with its signals and its status", async (runtime) => {
    const other = runtime === "node" ? "bun" : "node";
    await using server = await serving(other, ["serve", "--runtime", runtime, "app.ini"], { cwd: folder });
    expect(await text(server.url)).toBe(`Welcome ${runtime} |/`);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    const { code, err } = await run(other, ["serve", "app.ini", "foo", `--runtime=${runtime}`], { cwd: folder });
    expect([code, err]).toEqual([2, expect.stringContaining("Variable assignment 'foo'")]);
  });
});
