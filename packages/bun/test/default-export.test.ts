import { fileURLToPath } from "node:url";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { binary } from "../../../tools/runtimes.mjs";
import { send } from "../../node/test/client.ts";
import { Child } from "../../node/test/serving/child.ts";

let child: Child | undefined;
afterEach(() => child?.kill());

const file = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** `bun run` takes its port from the environment, and says none back. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("Bun", () => {
  it("`export default toBun(app)` is served by bun run", async () => {
    const port = await freePort();
    const server = (child = new Child([binary("bun"), "run", file("default-export.mjs")], {
      env: { PORT: String(port) },
    }));
    await server.until(() => /Started/.exec(server.output) ?? undefined);
    expect((await send(port, { path: "/hello" })).text).toBe("hello");
    const environ = JSON.parse((await send(port, { path: "/environ" })).text) as object;
    expect(environ).toMatchObject({
      SERVER_PORT: String(port),
      "tsgi.runtime": "bun",
      REMOTE_ADDR: expect.any(String),
    });
    expect((await send(port, { method: "POST", path: "/echo", body: "body" })).text).toBe("body");
    const error = await send(port, { path: "/throw" });
    expect([error.status, error.text]).toEqual([500, "Internal Server Error"]);
  });

  it("`await using server = await serve(app)` closes at the end of its block", async () => {
    child = new Child([binary("bun"), file("await-using.mjs")]);
    expect(await child.exit()).toBe(0);
    expect(child.said).toEqual([{ answered: "hello" }, { disposed: true }, { closed: true }]);
    expect(child.errors).toBe("");
  });

  // Bun ends a connection on which nothing moves for 10 s (oven-sh/bun#27479); an app may think for longer.
  it("an app that is silent for longer than Bun's idle timeout is waited for", { timeout: 30_000 }, async () => {
    const server = (child = new Child([binary("bun"), file("serve.mjs"), '{"port":0}']));
    await server.says("url");
    const [plain, posted] = await Promise.all([
      send(server.port, { path: "/slow?ms=13000" }),
      send(server.port, { method: "POST", path: "/slow?ms=13000", body: "x" }),
    ]);
    expect([plain.text, posted.text]).toEqual(["slow", "slow"]);
  });
});
