import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { binary, command } from "../../../tools/runtimes.mjs";
import { send } from "../../node/test/client.ts";
import { Child } from "../../node/test/serving/child.ts";

let child: Child | undefined;
afterEach(() => child?.kill());

const file = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe("Deno", () => {
  it("`export default toDeno(app)` is served by deno serve", async () => {
    const flags = ["serve", "-A", "--no-lock", "--cached-only", "--host", "127.0.0.1", "--port", "0"];
    const server = (child = new Child([binary("deno"), ...flags, file("default-export.mjs")]));
    const port = Number((await server.until(() => /http:\/\/127\.0\.0\.1:(\d+)/.exec(server.output) ?? undefined))[1]);
    expect((await send(port, { path: "/hello" })).text).toBe("hello");
    const environ = JSON.parse((await send(port, { path: "/environ" })).text) as object;
    expect(environ).toMatchObject({
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: String(port),
      "tsgi.runtime": "deno",
      REMOTE_ADDR: "127.0.0.1",
    });
    expect((await send(port, { method: "POST", path: "/echo", body: "body" })).text).toBe("body");
    const error = await send(port, { path: "/throw" });
    expect([error.status, error.text]).toEqual([500, "Internal Server Error"]);
  });

  it("`await using server = await serve(app)` closes at the end of its block", async () => {
    const run = command("deno", file("await-using.mjs"));
    child = new Child([run.file, ...run.args]);
    expect(await child.exit()).toBe(0);
    expect(child.said).toEqual([{ answered: "hello" }, { disposed: true }, { closed: true }]);
  });
});
