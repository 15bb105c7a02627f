import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderWith, launch, removeFolder, run, RUNTIMES } from "./command.ts";

// The file of docs/deploying.md, served.

const PAGE = readFileSync(new URL("../../../docs/deploying.md", import.meta.url), "utf8");
const PRODUCTION = /```ini\n(\[app:main\][^]*?)```/.exec(PAGE)?.[1] ?? "";

let folder: string;
beforeAll(async () => {
  folder = await folderWith({
    "production.ini": PRODUCTION,
    "development.ini": "[app:main]\nuse = ./app.mjs:makeApp\ndatabase.url = none\ndebug = true\n",
    "app.mjs": `export const makeApp = (globalConf, settings) => (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  const { REMOTE_ADDR, HTTP_HOST } = environ;
  return [JSON.stringify({ ...settings, REMOTE_ADDR, HTTP_HOST, scheme: environ["tsgi.url_scheme"] })];
};
`,
  });
});
afterAll(() => removeFolder(folder));

describe.each(RUNTIMES)("production.ini of docs/deploying.md on %s", (runtime) => {
  test("is sound", async () => {
    const { code, out } = await run(runtime, ["check", "production.ini"], { cwd: folder, env: { DATABASE_URL: "x" } });
    expect([code, out]).toEqual([0, "0 errors, 0 warnings in 2 files\n"]);
  });

  test("is served to a proxy on its unix socket, whose word of the client counts, with an access log", async () => {
    const env = { DATABASE_URL: "postgres://live" };
    await using server = launch(runtime, ["serve", "production.ini"], { cwd: folder, env });
    await server.says(/serves/);
    const headers = { "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", connection: "close" };
    const asked = request({ socketPath: join(folder, "wiki.sock"), path: `/${runtime}`, headers });
    asked.end();
    const [answer] = (await once(asked, "response")) as [AsyncIterable<Buffer>];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({
      "database.url": "postgres://live",
      debug: "false",
      REMOTE_ADDR: "203.0.113.9",
      scheme: "https",
    });
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    expect(await readFile(join(folder, "access.log"), "utf8")).toMatch(
      new RegExp(`^203\\.0\\.113\\.9 - - \\[.*\\] "GET /${runtime} HTTP/1\\.1" 200 `, "m"),
    );
  });
});
