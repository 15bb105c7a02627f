import { urlmap, type App } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve, toListener } from "../src/index.ts";
import { send, start, type Started } from "./client.ts";
import { hosts, type Handler } from "./hosts.ts";

const where: App = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify([environ.SCRIPT_NAME, environ.PATH_INFO, environ.QUERY_STRING, environ.REQUEST_URI])];
};

const ask = async (port: number, path: string): Promise<unknown> => {
  const got = await send(port, { path });
  return got.status === 200 ? JSON.parse(got.text) : got.status;
};

const PATHS = [
  "/wiki",
  "/wiki/",
  "/wiki?x",
  "/wiki/?x",
  "/wiki/page",
  "/wiki/caf%C3%A9",
  "/wiki/a%20b",
  "/wiki/a%2Fb",
  "/wiki/a%2fb/c",
  "/wiki/a%252Fb",
  "/wiki/%zz",
  "/wiki/%ff",
  "/wiki/%",
  "/wiki/a/../b",
  "/wiki/a/%2e%2e/b",
  "/wiki/a/.%2E/./b/.",
  "/wiki/x/../../wiki/y",
  "/wiki/a;b=c/d",
  "/wiki/x?next=/wiki/x&a=%20",
  "/wiki/wiki/x",
  "/wiki/a\\b",
];

describe("what a mounted app sees is what it sees under urlmap", () => {
  let own: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    own = await serve(urlmap({ "/wiki": where }), { port: 0 });
  });
  afterAll(() => own.close());

  // Connect strips the mount from `url`, keeps `originalUrl`, and knows no `baseUrl`
  const connect: Handler = (req, res, next) => {
    const url = req.url as string;
    (req as { originalUrl?: string }).originalUrl = url;
    const path = url.split("?")[0];
    if (path.toLowerCase() !== "/wiki" && !path.toLowerCase().startsWith("/wiki/")) return next();
    const rest = url.slice("/wiki".length);
    req.url = rest.startsWith("/") ? rest : `/${rest}`;
    return mounted(req, res, next);
  };
  const mounted = toListener(where);

  const kinds: [string, () => ReturnType<typeof start>][] = [
    ...hosts.map(({ label, express }): [string, () => ReturnType<typeof start>] => [
      label,
      () => start(express().use("/wiki", toListener(where))),
    ]),
    ["Connect", () => start((req, res) => connect(req, res, () => res.writeHead(404).end()))],
  ];

  describe.each(kinds)("%s", (_label, open) => {
    let host: Started;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    it.each(PATHS)("%s", async (path) => {
      const expected = await ask(Number(new URL(own.url).port), path);
      expect(expected).toEqual([expect.any(String), expect.any(String), expect.any(String), path]);
      expect(await ask(host.port, path)).toEqual(expected);
    });

    it("a mount matched without regard to case is shown as it was asked for", async () => {
      expect(await ask(host.port, "/WiKi/Page")).toEqual(["/WiKi", "/Page", "", "/WiKi/Page"]);
    });

    it("what is not under the mount does not come here", async () => {
      expect(await ask(host.port, "/wikipedia")).toBe(404);
      expect(await ask(host.port, "/")).toBe(404);
    });

    it("a path that leaves the mount by dots is shown whole, with no SCRIPT_NAME", async () => {
      expect(await ask(host.port, "/wiki/../secret")).toEqual(["", "/secret", "", "/wiki/../secret"]);
    });
  });
});

describe.each(hosts)("$label ($version)", ({ express }) => {
  it("nested routers add up to one SCRIPT_NAME", async () => {
    const inner = express.Router();
    inner.use("/inner", toListener(where));
    const outer = express.Router();
    outer.use("/outer", inner);
    const host = await start(express().use("/site", outer));
    expect(await ask(host.port, "/site/outer/inner/x%2Fy?q")).toEqual([
      "/site/outer/inner",
      "/x%2Fy",
      "q",
      "/site/outer/inner/x%2Fy?q",
    ]);
    expect(await ask(host.port, "/site/outer/inner")).toEqual(["/site/outer/inner", "", "", "/site/outer/inner"]);
    await host.stop();
  });

  it("a mount with a parameter is shown decoded", async () => {
    const host = await start(express().use("/:lang/wiki", toListener(where)));
    expect(await ask(host.port, "/fran%C3%A7ais/wiki/x")).toEqual([
      "/français/wiki",
      "/x",
      "",
      "/fran%C3%A7ais/wiki/x",
    ]);
    await host.stop();
  });

  it("at the root there is no SCRIPT_NAME", async () => {
    const host = await start(express().use(toListener(where)));
    expect(await ask(host.port, "/a/b")).toEqual(["", "/a/b", "", "/a/b"]);
    expect(await ask(host.port, "/")).toEqual(["", "/", "", "/"]);
    await host.stop();
  });

  it("urlmap inside a mount goes on from there", async () => {
    const host = await start(express().use("/wiki", toListener(urlmap({ "/blog": where }))));
    expect(await ask(host.port, "/wiki/blog/x")).toEqual(["/wiki/blog", "/x", "", "/wiki/blog/x"]);
    await host.stop();
  });
});

describe("plain http.createServer", () => {
  it("toListener is a request listener", async () => {
    const host = await start(toListener(where));
    expect(await ask(host.port, "/caf%C3%A9/../x?y")).toEqual(["", "/x", "y", "/caf%C3%A9/../x?y"]);
    await host.stop();
  });

  it("absolute-form: path only", async () => {
    const host = await start(toListener(where));
    expect(await ask(host.port, "http://evil.test/x?y")).toEqual(["", "/x", "y", "/x?y"]);
    await host.stop();
  });

  it("an unknown option, and errors that are neither, are errors at once", () => {
    expect(() => toListener(where, { error: "next" } as never)).toThrow('toListener: option "error" is unknown');
    expect(() => toListener(where, { errors: "nxt" } as never)).toThrow('"answer" or "next" is wanted');
    expect(() => toListener(where, { limits: { bodies: 1 } as never })).toThrow("limits.bodies is unknown");
  });
});
