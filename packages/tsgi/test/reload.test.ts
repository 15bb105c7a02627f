import { once } from "node:events";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderWith, launch, removeFolder, RUNTIMES, serving } from "./command.ts";

// `tsgi serve --reload` under load. Clients make a connection a request, so that each one meets the listening socket.

const APP = (text: string): string => `export default async function* (environ, startResponse) {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  yield ${JSON.stringify(text)};
  if (environ.PATH_INFO !== "/slow") return;
  console.log("in flight");
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    yield ".";
  }
  yield "end";
}
`;
const INI = `[app:main]
tsgi.app = ./app.mjs
[server:main]
use = tsgi
port = 0
[tsgi]
watch_files = templates/*.html
ignore_files = ignored.mjs
`;

let folders: string[];
beforeAll(() => {
  folders = [];
});
afterAll(async () => {
  for (const folder of folders) await removeFolder(folder);
});

async function project(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await folderWith({ "app.ini": INI, "app.mjs": APP("one"), "templates/a.html": "", ...files });
  folders.push(folder);
  return folder;
}

const ask = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent: new Agent({ keepAlive: false }) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });

const patience = { timeout: 20_000, interval: 50 };

describe.each(RUNTIMES)("tsgi serve --reload on %s", (runtime) => {
  test("loses no request, and cuts none that is in flight, while the app changes twice", async () => {
    const folder = await project();
    await using server = await serving(runtime, ["serve", "app.ini", "--reload"], { cwd: folder });
    const answers = new Map<string, number>();
    const lost: unknown[] = [];
    const load = { going: true };
    const client = async (): Promise<void> => {
      while (load.going)
        try {
          const answer = await ask(server.url);
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        } catch (error) {
          lost.push(error);
        }
    };
    const clients = Array.from({ length: 6 }, client);
    try {
      const slow = ask(`${server.url}/slow`);
      await server.says(/in flight/);
      await writeFile(join(folder, "app.mjs"), APP("two"));
      await expect.poll(() => answers.get("two"), patience).toBeGreaterThan(20);
      expect(await slow).toBe("one..........end");
      await writeFile(join(folder, "app.mjs"), APP("three"));
      await expect.poll(() => answers.get("three"), patience).toBeGreaterThan(20);
    } finally {
      load.going = false;
      await Promise.all(clients);
    }
    expect(lost).toEqual([]);
    expect([...answers.keys()]).toEqual(["one", "two", "three"]);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });

  test("a syntax error is reported and changes nothing; the next change is tried again", async () => {
    const folder = await project();
    await using server = await serving(runtime, ["serve", "app.ini", "--reload"], { cwd: folder });
    await writeFile(join(folder, "app.mjs"), "export default (((;\n");
    await server.says(/app\.mjs:1:\d+[^]*waiting for a change of the files; the app as it was goes on/);
    expect(await ask(server.url)).toBe("one");
    await writeFile(join(folder, "app.mjs"), APP("mended"));
    await expect.poll(() => ask(server.url), patience).toBe("mended");
  });

  // Incident: the address was told to be in use, and then the process that served elsewhere was ended all the same, and
  // every connection closed without an answer.
  test("a change of the address to one that is taken changes nothing", async () => {
    const folder = await project();
    await using other = await serving("node", ["serve", "app.ini"], { cwd: folder });
    await using server = await serving(runtime, ["serve", "app.ini", "--reload"], { cwd: folder });
    await writeFile(join(folder, "app.ini"), INI.replace("port = 0", `port = ${new URL(other.url).port}`));
    await server.says(/is in use[^]*waiting for a change of the files; the app as it was goes on/);
    expect(await ask(server.url)).toBe("one");
    await writeFile(join(folder, "app.ini"), INI);
    await writeFile(join(folder, "app.mjs"), APP("mended"));
    await expect.poll(() => ask(server.url), patience).toBe("mended");
  });

  // Incident: an app that tells a process manager that it is ready, as pm2 wants it, was taken for the command's own word.
  test("an app may send messages of its own", async () => {
    const folder = await project({ "app.mjs": `process.send?.("ready");\nprocess.send?.(null);\n${APP("one")}` });
    await using server = await serving(runtime, ["serve", "app.ini", "--reload"], { cwd: folder });
    expect(await ask(server.url)).toBe("one");
  });

  test("ends without a trace when what watches is killed", async () => {
    const folder = await project();
    const server = await serving(runtime, ["serve", "app.ini", "--reload"], {
      cwd: folder,
    });
    await using _ended = server;
    const told = await ask(server.url);
    expect(told).toBe("one");
    server.kill("SIGKILL");
    // the process that serves has its output still open, and closes it when it ends
    await server.exited;
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await expect(once(socket, "connect")).rejects.toThrow("ECONNREFUSED");
  });
});

describe("tsgi serve --reload", () => {
  test("watches the INI file, the code beside it and watch_files, and nothing else", async () => {
    const folder = await project({ "part.mjs": "export const part = 1;\n", "ignored.mjs": "", "notes.txt": "" });
    await using server = await serving("node", ["serve", "app.ini", "--reload"], { cwd: folder });
    const reloads = (): number => server.err().match(/^reloaded$/gm)?.length ?? 0;
    let before = 0;
    for (const [name, text] of [
      ["app.ini", INI.replace("port = 0", "port = 0\ngrace = 1s")],
      ["part.mjs", "export const part = 2;\n"],
      ["templates/a.html", "<p>"],
      ["templates/new.html", "<p>"],
    ]) {
      // these two count for nothing: were they heard, the line that names what changed would name them
      await writeFile(join(folder, "notes.txt"), text);
      await writeFile(join(folder, "ignored.mjs"), text);
      await writeFile(join(folder, name), text);
      await expect.poll(reloads, patience).toBe(++before);
    }
    const changed = [...server.err().matchAll(/^(.*) changed$/gm)].map(([, names]) => names);
    expect(changed.join("\n")).not.toMatch(/notes|ignored/);
    expect(changed.at(-1)).toContain("new.html");
  });

  test("serves an app of the command line too, which no file can change", async () => {
    const code = '(environ, start) => { start("200 OK", []); return ["typed"]; }';
    await using server = await serving("node", ["serve", "-e", code, "--reload", "--port", "0"]);
    expect(await ask(server.url)).toBe("typed");
  });

  test("an app that does not start at first is waited for", async () => {
    const folder = await project({ "app.mjs": "throw new Error('not yet');\n" });
    await using server = launch("node", ["serve", "app.ini", "--reload"], { cwd: folder });
    await server.says(/not yet[^]*waiting for a change of the files$/m);
    await writeFile(join(folder, "app.mjs"), APP("now"));
    const [, url] = await server.says(/serves (http:\S+?)\/ /);
    expect(await ask(url)).toBe("now");
  });

  test("a process that ends by itself is answered for with 503, and a change starts the next", async () => {
    const fatal = APP("one").replace("yield", 'if (environ.PATH_INFO === "/die") process.exit(7);\n  yield');
    const folder = await project({ "app.mjs": fatal });
    await using server = await serving("node", ["serve", "app.ini", "--reload"], { cwd: folder });
    await ask(`${server.url}/die`).catch(() => "cut");
    await server.says(/has ended; waiting for a change/);
    expect((await fetch(server.url)).status).toBe(503);
    await writeFile(join(folder, "app.mjs"), APP("again"));
    await expect.poll(() => ask(server.url), patience).toBe("again");
  });

  // Incident: each process that ended by itself left the file of its socket in the folder for such files.
  test.each(RUNTIMES)(
    "on %s a process that ends by itself leaves no file behind, nor does the last",
    async (runtime) => {
      const fatal = APP("one").replace("yield", 'if (environ.PATH_INFO === "/die") process.exit(7);\n  yield');
      const folder = await project({ "app.mjs": fatal });
      const temporary = await mkdtemp(join(tmpdir(), "tsgi-"));
      folders.push(temporary);
      const args = ["serve", "app.ini", "--reload", "--listen", "unix:s"];
      await using server = launch(runtime, args, { cwd: folder, env: { TMPDIR: temporary } });
      await server.says(/ serves /);
      const sockets = async (): Promise<number> =>
        (await readdir(temporary)).filter((name) => name.endsWith(".sock")).length;
      expect(await sockets()).toBe(1);
      const asked = request({ socketPath: join(folder, "s"), path: "/die" });
      asked.on("error", () => {}).end();
      await server.says(/has ended; waiting for a change/);
      await expect.poll(sockets, patience).toBe(0);
      await writeFile(join(folder, "app.mjs"), APP("again"));
      await server.says(/^reloaded$/m);
      expect(await sockets()).toBe(1);
      server.kill("SIGTERM");
      expect(await server.exited).toBe(0);
      expect(await sockets()).toBe(0);
    },
  );
});
