import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";
import { ENTRY, folderWith, launch, removeFolder, run, serving, start } from "./command.ts";

// `workers = N` of a server section: several processes on one address.

const ini = (workers: string): string =>
  `[app:main]\ntsgi.app = ./app.mjs\n[server:main]\nuse = tsgi\nport = 0\nworkers = ${workers}\n`;

let folder: string;
beforeAll(async () => {
  folder = await folderWith({
    "app.mjs": `import process from "node:process";
export default async (environ, startResponse) => {
  if (environ.PATH_INFO === "/die") process.exit(9);
  if (environ.PATH_INFO === "/deaf")
    setTimeout(() => {
      console.log("deaf from now on");
      for (;;);
    }, 100);
  if (environ.PATH_INFO === "/slow") {
    console.log("in flight");
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [String(process.pid)];
};
`,
    "two.ini": ini("2"),
    "auto.ini": ini("auto"),
    "sends.ini": ini("2").replace("./app.mjs", "./sends.mjs"),
    "sends.mjs": `process.send?.("ready");\nexport { default } from "./app.mjs";\n`,
    "never.ini": ini("2").replace("./app.mjs", "./never.mjs"),
    "never.mjs": "await new Promise(() => {});\n",
    "none.ini": ini("many"),
    "fails.ini": ini("2").replace("./app.mjs", "./fails.mjs"),
    "fails.mjs": "throw new Error('not today');\n",
  });
});
afterAll(() => removeFolder(folder));

/** Each on a connection of its own: those are what is shared out. */
async function ask(url: string): Promise<string> {
  const asked = request(url, { agent: new Agent({ keepAlive: false }) });
  asked.end();
  const [answer] = (await once(asked, "response")) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function pids(url: string): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(url)));
  return new Set(answers);
}

describe("workers = 2 on Node", () => {
  test("two processes answer on one address, and both end when the first is told to", async () => {
    await using server = await serving("node", ["serve", "two.ini"], { cwd: folder });
    expect(server.out()).toContain("with 2 processes");
    const found = new Set<string>();
    await expect
      .poll(async () => (await pids(server.url)).forEach((pid) => found.add(pid)) ?? found.size, { timeout: 15_000 })
      .toBe(2);
    const slow = ask(`${server.url}/slow`);
    await server.says(/in flight/);
    server.kill("SIGTERM");
    expect(found).toContain(await slow);
    expect(await server.exited).toBe(0);
    for (const pid of found) expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  });

  test("another process takes the place of one that ends", async () => {
    await using server = await serving("node", ["serve", "two.ini"], { cwd: folder });
    await expect(ask(`${server.url}/die`)).rejects.toThrow(/socket hang up|ECONNRESET/);
    await server.says(/has ended; another one takes its place/);
    await expect.poll(async () => (await pids(server.url)).size, { timeout: 15_000 }).toBe(2);
  });

  test("processes that cannot start are not started for ever: status 1", async () => {
    const { code, err } = await run("node", ["serve", "fails.ini"], { cwd: folder });
    expect([code, err]).toEqual([1, expect.stringContaining("not today")]);
  });

  // Incident: they waited for ever, and nothing said for what.
  test("an app that never comes is told of, as with one process", async () => {
    const { code, err } = await run("node", ["serve", "never.ini"], { cwd: folder });
    expect([code, err]).toEqual([1, expect.stringContaining("nothing is left to wait for")]);
  });

  // Incident: the first of Node's flags was taken for the command, and every process ended at once.
  test("Node's own flags do not hinder it", async () => {
    const line = command("node", "--no-warnings", ENTRY, "serve", "two.ini");
    await using server = start(line, { cwd: folder });
    const [, url] = await server.says(/with 2 processes serves (http\S+)\//);
    expect((await pids(url)).size).toBeGreaterThan(0);
  });

  // Incident: an app that tells a process manager that it is ready, as pm2 wants it, was taken for the command's own word,
  // and the first process ended with a TypeError.
  test("an app may send messages of its own", async () => {
    await using server = await serving("node", ["serve", "sends.ini"], { cwd: folder });
    expect((await pids(server.url)).size).toBeGreaterThan(0);
  });

  // Incident: it ended the process that others were started by, and one that heard nothing went on for ever.
  test("a second signal ends a process that hears nothing any more", async () => {
    await using server = await serving("node", ["serve", "two.ini"], { cwd: folder });
    const found = new Set<string>();
    await expect
      .poll(async () => (await pids(server.url)).forEach((pid) => found.add(pid)) ?? found.size, { timeout: 15_000 })
      .toBe(2);
    found.delete(await ask(`${server.url}/deaf`));
    const [other] = [...found].map(Number);
    await server.says(/deaf from now on/);
    server.kill("SIGTERM");
    const isThere = (): boolean => {
      try {
        return process.kill(other, 0);
      } catch {
        return false;
      }
    };
    // the first signal has been heard when the other process has ended
    await expect.poll(isThere, { timeout: 10_000 }).toBe(false);
    server.kill("SIGTERM");
    // the output is closed when the last process has ended
    expect(await server.exited).toBe(143);
  });

  test("they share a unix socket too", async () => {
    const path = join(folder, "w");
    await using server = launch("node", ["serve", "two.ini", "--listen", `unix:${path}`], { cwd: folder });
    await server.says(/serves/);
    const asked = request({ socketPath: path });
    asked.end();
    const [{ statusCode }] = (await once(asked, "response")) as [{ statusCode: number }];
    expect(statusCode).toBe(200);
  });
});

describe.each(["bun", "deno"] as const)("on %s, which shares no address", (runtime) => {
  test("workers = auto is one process, and the command says so", async () => {
    await using server = await serving(runtime, ["serve", "auto.ini"], { cwd: folder });
    expect(server.err()).toContain("one process, since only Node shares an address");
    expect((await pids(server.url)).size).toBe(1);
  });

  test("a number is refused, with what to write instead", async () => {
    const { code, err } = await run(runtime, ["serve", "two.ini"], { cwd: folder });
    expect([code, err]).toEqual([1, expect.stringContaining("write workers = auto, or serve with --runtime node")]);
  });
});

test("a number of processes that is none is told of with its line", async () => {
  const { code, err } = await run("node", ["serve", "none.ini"], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringMatching(/none\.ini:\d+:\d+: .*workers/)]);
});

test("a server of the user's own making is served, and --reload starts it anew", async () => {
  const own = await folderWith({
    "app.ini": "[app:main]\ntsgi.app = ./app.mjs\n[server:main]\nuse = ./server.mjs:makeServer\nport = 0\n",
    "app.mjs": "export default (environ, start) => (start('200 OK', []), ['one']);\n",
    "server.mjs": `import { serve } from "@tsgi/node";
export const makeServer = (globalConf, { port }) => (app) => serve(app, { port: Number(port) });
`,
  });
  try {
    await using server = await serving("node", ["serve", "app.ini", "--reload"], { cwd: own });
    expect(await ask(server.url)).toBe("one");
    await writeFile(join(own, "app.mjs"), "export default (environ, start) => (start('200 OK', []), ['two']);\n");
    await server.says(/^reloaded$/m);
    const { code, err } = await run("node", ["serve", "app.ini", "--port", "1"], { cwd: own });
    expect([code, err]).toEqual([2, expect.stringContaining("takes no address from the command line")]);
  } finally {
    await removeFolder(own);
  }
});
