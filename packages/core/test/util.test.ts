import {
  applicationUri,
  guessScheme,
  requestUri,
  setupTestingDefaults,
  shiftPathInfo,
  validator,
  type Environ,
} from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { environFor } from "./in-memory.ts";

const at = (SCRIPT_NAME: string, PATH_INFO: string): Environ => setupTestingDefaults({ SCRIPT_NAME, PATH_INFO });

describe("shiftPathInfo", () => {
  test.each([
    ["", "/a/b", "a", "/a", "/b"],
    ["/x", "/a/", "a", "/x/a", "/"],
    ["/x", "/", "", "/x/", ""],
    ["", "/./a", "a", "/a", ""],
    ["/x", "/a//./b/c", "a", "/x/a", "/b/c"],
    ["/a", "/../b", "..", "", "/b"],
    ["", "/..", "..", "", ""],
    ["", "/.hidden/x", ".hidden", "/.hidden", "/x"],
    ["", "/a%2Fb/c", "a%2Fb", "/a%2Fb", "/c"],
    ["/é", "/ü/z", "ü", "/é/ü", "/z"],
  ])("of %j and %j gives %j", (script, path, name, newScript, newPath) => {
    const environ = at(script, path);
    expect(shiftPathInfo(environ)).toBe(name);
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual([newScript, newPath]);
  });

  test.each([
    ["/x", ""],
    ["", "*"],
  ])("of %j and %j gives nothing and changes nothing", (script, path) => {
    const environ = at(script, path);
    expect(shiftPathInfo(environ)).toBeUndefined();
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual([script, path]);
  });

  test("of a last dot takes it away", () => {
    const environ = at("/x", "/.");
    expect(shiftPathInfo(environ)).toBeUndefined();
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(["/x", ""]);
  });

  test("walks a request's path to its end, and the URL stays the same", async () => {
    const environ = await environFor({ target: "/a/b%2Fc/d%20e?q=1" });
    const url = requestUri(environ);
    const names: string[] = [];
    for (let name = shiftPathInfo(environ); name !== undefined; name = shiftPathInfo(environ)) names.push(name);
    expect(names).toEqual(["a", "b%2Fc", "d e"]);
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(["/a/b%2Fc/d e", ""]);
    expect(requestUri(environ)).toBe(url);
  });
});

test.each([
  ["yes", "https"],
  ["on", "https"],
  ["1", "https"],
  ["off", "http"],
  ["true", "http"],
  [undefined, "http"],
])("guessScheme of HTTPS %j is %s", (HTTPS, scheme) => {
  expect(guessScheme({ HTTPS })).toBe(scheme);
});

describe("setupTestingDefaults", () => {
  test("gives an environ that the validator accepts, and that requestUri can read", async () => {
    const environ = setupTestingDefaults({});
    const written: string[] = [];
    environ["tsgi.errors"] = { write: (text) => void written.push(text), flush: () => {} };
    const body = await validator((_environ, start) => {
      start("200 OK", [["Content-Type", "text/plain"]]);
      return [];
    })(environ, () => () => {});
    await body.close?.();
    expect(written).toEqual([]);
    expect(requestUri(environ)).toBe("http://127.0.0.1/");
    expect(await environ["tsgi.input"].text()).toBe("");
  });

  test("leaves what is there and draws on it", () => {
    const given = { HTTPS: "on", SERVER_NAME: "x.test", SCRIPT_NAME: "/a b", QUERY_STRING: "c=d" };
    const environ = setupTestingDefaults(given);
    expect(environ).toBe(given);
    expect(environ).toMatchObject({
      HTTP_HOST: "x.test",
      PATH_INFO: "",
      REQUEST_URI: "/a%20b?c=d",
      SERVER_PORT: "443",
      "tsgi.url_scheme": "https",
    });
    expect(applicationUri(environ)).toBe("https://x.test/a%20b");
  });

  test("a POST with a body of its own reads it", async () => {
    const input = setupTestingDefaults({})["tsgi.input"];
    expect(setupTestingDefaults({ "tsgi.input": input })["tsgi.input"]).toBe(input);
  });
});
