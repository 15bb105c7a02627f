import { describe, expect, it } from "vitest";
import type { App, Environ } from "../src/contract.ts";
import { ask, type Asked } from "./in-memory.ts";

// On Bun and Deno the first touch of a request's fields costs a fifth to a quarter of a whole small request. Of a GET or
// HEAD they are checked when somebody looks at one.

const twoHosts: Asked = { headers: [["host", "a, b"]], source: { fieldsLater: true } };

function app(look: (environ: Environ) => unknown): App {
  return (environ, startResponse) => {
    const text = String(look(environ));
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return [text];
  };
}

describe("fields that are expensive to reach", () => {
  const looks: [string, (environ: Environ) => unknown][] = [
    ["a field", (environ) => environ.HTTP_ACCEPT],
    ["HTTP_HOST", (environ) => environ.HTTP_HOST],
    ["CONTENT_TYPE", (environ) => environ.CONTENT_TYPE],
    ["CONTENT_LENGTH", (environ) => environ.CONTENT_LENGTH],
    ["whether there is a field", (environ) => "HTTP_COOKIE" in environ],
    ["all keys", (environ) => Object.keys(environ)],
    ["a copy by spread", (environ) => ({ ...environ })],
    ["the input", (environ) => environ["tsgi.input"]],
  ];

  it.each(looks)(
    "are checked when somebody looks at %s: the request is refused, and the log says why",
    async (_name, look) => {
      const seen = await ask(app(look), twoHosts);
      expect([seen.status, seen.close, seen.text]).toEqual([400, true, "Bad Request"]);
      expect(seen.log).toBe('tsgi: GET "/" refused with 400: Host "a, b" is not one host and port\n');
    },
  );

  it("mislead nobody who does not look at them", async () => {
    const seen = await ask(
      app((environ) => [environ.REQUEST_METHOD, environ.PATH_INFO, environ.QUERY_STRING, environ.SERVER_NAME]),
      { ...twoHosts, target: "/a?b" },
    );
    expect([seen.status, seen.text]).toEqual([200, "GET,/a,b,127.0.0.1"]);
    expect(seen.log).toBe("");
  });

  it("count the path as one of them where a Host can move it", async () => {
    const source = { fieldsLater: true, hostMovesTarget: true };
    for (const key of ["PATH_INFO", "QUERY_STRING", "REQUEST_URI", "SCRIPT_NAME"]) {
      const seen = await ask(
        app((environ) => environ[key]),
        { headers: [["host", "evil.test/admin?"]], source: { ...source, mount: "/x" } },
      );
      expect([key, seen.status]).toEqual([key, 400]);
    }
  });

  it("are refused again for an app that catches the first refusal", async () => {
    const seen = await ask(
      app((environ) => {
        try {
          return environ.HTTP_HOST;
        } catch {
          return environ.HTTP_ACCEPT;
        }
      }),
      twoHosts,
    );
    expect(seen.status).toBe(400);
  });

  it("break an answer that has begun", async () => {
    const seen = await ask((environ, startResponse) => {
      startResponse("200 OK", []);
      return (function* () {
        yield "a";
        yield String(environ.HTTP_HOST);
      })();
    }, twoHosts);
    expect([seen.status, seen.broken, seen.text]).toEqual([200, true, "a"]);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("are looked at first where a body may follow: %s", async (method) => {
    const never: App = () => {
      throw new Error("the app was called");
    };
    const seen = await ask(never, { ...twoHosts, method });
    expect([seen.status, seen.close]).toEqual([400, true]);
    expect(seen.log).toContain('Host "a, b"');
  });

  it("are asked of the source once, and its own refusal counts", async () => {
    let asked = 0;
    const source = {
      fieldsLater: true,
      refuseFields: () => {
        asked++;
        return { status: 431, why: "more than 1 header fields" };
      },
    };
    const seen = await ask(
      app((environ) => environ.HTTP_HOST),
      { source },
    );
    expect([seen.status, seen.reason, asked]).toEqual([431, "Request Header Fields Too Large", 1]);
  });
});

// On Deno each look at a path with two slashes, at the query and at a field asked for the Host anew: 3 % of an answer.
it("the Host is looked at once, ahead of a path that it can move and of the first field", async () => {
  let asked = 0;
  const source: Asked["source"] = {
    fieldsLater: true,
    hostMovesTarget: true,
    header: (name: string) => {
      if (name === "host") asked++;
      return name === "host" ? "h" : undefined;
    },
  };
  const looking = app((environ) => [environ.PATH_INFO, environ.QUERY_STRING, environ.HTTP_ACCEPT, environ.REQUEST_URI]);
  expect((await ask(looking, { source })).status).toBe(200);
  expect(asked).toBe(1);
});

describe("heads that are alike", () => {
  it("are told apart by what stands in the list now, not by which list it is", async () => {
    const list: [string, string][] = [["X-Count", "1"]];
    const counting: App = (_environ, startResponse) => {
      startResponse("200 OK", list);
      list[0][1] += "1";
      return [];
    };
    expect((await ask(counting, {})).header("x-count")).toBe("1");
    expect((await ask(counting, {})).header("x-count")).toBe("11");
    list[0] = ["X-Other", "1"];
    expect((await ask(counting, {})).headers.map(([name]) => name)).toContain("x-other");
  });

  it("are checked anew when a pair is no pair any more", async () => {
    const list: unknown[] = [["X-A", "1"]];
    const odd: App = (_environ, startResponse) => {
      startResponse("200 OK", list as [string, string][]);
      return [];
    };
    expect((await ask(odd, {})).status).toBe(200);
    list[0] = ["X-A", "1", "2"];
    expect((await ask(odd, {})).status).toBe(500);
    list[0] = { 0: "X-A", 1: "1", length: 2 };
    expect((await ask(odd, {})).status).toBe(500);
  });

  it("have each value checked that is not the one before: bad ones behind a good one, and none at all", async () => {
    let value: unknown = "good";
    // a cookie makes each head another
    const saying: App = (_environ, startResponse) => {
      startResponse("200 OK", [
        ["X-Value", value as string],
        ["Set-Cookie", "id=1"],
      ]);
      return [];
    };
    for (const [given, status] of [
      ["good", 200],
      ["good\r\nX-Evil: 1", 500],
      ["good", 200],
      [undefined, 500],
      ["", 200],
    ]) {
      value = given;
      expect([given, (await ask(saying, {})).status]).toEqual([given, status]);
    }
  });

  it("keep a declared Content-Length and a cookie to the answer that said them", async () => {
    const said = ["3", undefined, "3"];
    const bodies = ["abc", "abcdef", "abc"];
    for (let i = 0; i < 3; i++) {
      const seen = await ask((_environ, startResponse) => {
        const cookie: [string, string][] = i === 1 ? [] : [["Set-Cookie", `id=${i}`]];
        const length = said[i];
        startResponse("200 OK", length === undefined ? cookie : [...cookie, ["Content-Length", length]]);
        return [bodies[i]];
      }, {});
      expect(seen.text).toBe(bodies[i]);
      expect(seen.header("set-cookie")).toBe(i === 1 ? undefined : `id=${i}`);
    }
  });
});
