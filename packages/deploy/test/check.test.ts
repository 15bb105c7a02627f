import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { check, readConfig } from "../src/index.ts";
import { APPS, fault, site } from "./site.ts";

async function report(ini: string, files: Readonly<Record<string, string>> = {}) {
  const folder = await site({ "app.ini": ini, "apps.mjs": APPS, ...files });
  const { errors, warnings, files: read } = await check("config:app.ini", { relativeTo: folder });
  return {
    errors: errors.map(({ at, category, text }) => [at?.line, category, text.replaceAll(`${folder}/`, "")]),
    warnings: warnings.map(({ at, message }) => [at.line, message]),
    files: read.map((file) => file.replace(`${folder}/`, "")),
  };
}

describe("check", () => {
  test("tells every problem of every section at once, in the order of the file", async () => {
    const ini = `[DEFAULT]
debug = false
[app:main]
use = ./apps.mjs:make
debug = true
[app:typo]
use = ./apps.mjs:mak
[composite:site]
use = urlmap
/ = nobody
/b = main
/c = neither
[filter:f]
use = ./none.mjs:x
[server:main]
host = x
[app:circle]
use = circle
[app:percent]
use = ./apps.mjs:make
v = 50% off
[pipeline:p]
pipeline = f main
`;
    const { errors, warnings } = await report(ini);
    expect(errors.map(([line, category]) => [line, category])).toEqual([
      [7, "attribute"],
      [10, "lookup"],
      [12, "lookup"],
      [14, "import"],
      [15, "lookup"],
      [17, "recursion"],
      [21, "ini-interpolation-syntax"],
    ]);
    expect(warnings.map(([line]) => line)).toEqual([5]);
  });

  // A line that could not be read, or one bad % in [DEFAULT], was the only error that a file had until it was mended.
  test("a line that cannot be read hides nothing else, and what its section lacks may stand on it", async () => {
    const ini = `[app:main]
use static
[app:typo]
use = ./apps.mjs:mak
= nothing
[server:main]
use = tsgi
prot = 1
use = waitress
[app:main]
[composite:site]
/ = main
/b = nobody
`;
    expect((await report(ini)).errors.map(([line, category]) => [line, category])).toEqual([
      [2, "ini-parse"],
      [4, "attribute"],
      [5, "ini-parse"],
      [8, "type"],
      [9, "ini-duplicate-option"],
      [10, "ini-duplicate-section"],
      [11, "lookup"],
    ]);
  });

  test("a 'use' whose = is missing, and that is read as an option because of another colon, is told", async () => {
    const { errors } = await report("[app:main]\nuse ./apps.mjs:make\n");
    expect(errors).toEqual([
      [2, "lookup", expect.stringMatching(/^No loader .*'use = …'.*; 'use \.\/apps\.mjs' is read as a key/)],
    ]);
  });

  test("a value that cannot be read hides nothing else, in [DEFAULT] or in a section, and is told once", async () => {
    const ini = `[DEFAULT]
off = 50% off
nobody = %(nobdy)s
[app:main]
use = ./apps.mjs:make
a = %(off)s
b = %(there)s
[filter:f]
use = %(off)s
[server:main]
use = tsgi
port = %(x
prot = 8080
[app:typo]
use = ./apps.mjs:mak
`;
    expect((await report(ini)).errors.map(([line, category]) => [line, category])).toEqual([
      [2, "ini-interpolation-syntax"],
      [3, "ini-interpolation-missing"],
      [7, "ini-interpolation-missing"],
      [12, "ini-interpolation-syntax"],
      [13, "type"],
      [15, "attribute"],
    ]);
  });

  test("a file that another one uses is looked at behind its first fault too", async () => {
    const base = "[DEFAULT]\nx = 5%\n[app:main]\nuse = ./apps.mjs:make\nnonsense\n[app:b]\nuse = ./apps.mjs:mak\n";
    const ini = "[app:main]\nuse = config:base.ini\n[app:b]\nuse = config:base.ini#b\n[app:c]\nuse = ./none.mjs\n";
    expect((await report(ini, { "base.ini": base })).errors.map(([line, category]) => [line, category])).toEqual([
      [6, "import"],
      [2, "ini-interpolation-syntax"],
      [5, "ini-parse"],
      [7, "attribute"],
    ]);
  });

  // `pipeline = a b c` with two names misspelt: one was told, and the other when that was mended
  test("a part that is not there hides none of the parts beside it", async () => {
    const ini = `[pipeline:main]
pipeline = config:other.ini#f config:other.ini#nof nosite
[filter-app:fa]
use = lnt
next = config:other.ini#none
[app:filtered]
use = urlmapp
filter-with = config:other.ini#g
`;
    const { errors } = await report(ini, { "other.ini": "[filter:f]\nuse = ./none.mjs\n[filter:g]\nuse = lintt\n" });
    expect(errors.map(([line, , text]) => [line, /'[^']*'/.exec(text as string)?.[0]])).toEqual([
      [2, "'nosite'"],
      [2, "'nof'"],
      [4, "'lnt'"],
      [5, "'none'"],
      [7, "'urlmapp'"],
      [2, "'./none.mjs'"],
      [4, "'lintt'"],
    ]);
  });

  test("a section whose kind is misspelt, and so is read by nobody, is warned of", async () => {
    const ini = "[app:main]\nuse = ./apps.mjs:make\n[serve:main]\nport = 1\n[uwsgi:x]\na = b\n";
    expect((await report(ini)).warnings).toEqual([[3, "nothing reads [serve:main] (did you mean 'server'?)"]]);
  });

  test("a built-in's name counts where the nearest name is sought", async () => {
    const { errors } = await report("[composite:main]\nuse = urlmapp\n");
    expect(errors[0]?.[2]).toContain("(did you mean 'urlmap'?)");
  });

  test("a section that is named like a built-in and means that is told how the built-in is written", async () => {
    const { errors } = await report("[app:static]\nuse = static\ndocument_root = .\n");
    expect(errors[0]?.[2]).toContain("which is written 'use = npm:@tsgi/deploy#static'");
    const written = "[app:static]\nuse = npm:@tsgi/deploy#static\ndocument_root = .\n";
    expect((await report(written)).errors).toEqual([]);
  });

  test("a file that has nothing to serve is no file without errors", async () => {
    expect((await report("")).errors).toEqual([
      [1, "lookup", "the file has no app, no filter and no server; [app:main] is where one begins"],
    ]);
  });

  test("what is wrong with a setting is one sentence about it", async () => {
    const { errors } = await report("[app:main]\nuse = static\nrooot = .\n");
    expect(errors.map(([, , text]) => text)).toEqual([
      expect.stringContaining("'static': setting 'document_root' is missing"),
      expect.stringMatching(/'static': unknown setting 'rooot'/),
    ]);
  });

  test("finds nothing wrong with a file that is right, and calls no factory", async () => {
    const module = "export const make = () => { throw new Error('called'); };";
    const ini = "[app:main]\nuse = config:base.ini\n";
    expect(await report(ini, { "m.mjs": module, "base.ini": "[app:main]\nuse = ./m.mjs:make\n" })).toEqual({
      errors: [],
      warnings: [],
      files: ["app.ini", "base.ini"],
    });
  });

  test("tells every fault of a file that cannot be read", async () => {
    const { errors } = await report("[a]\nx\n[a]\ny\n");
    expect(errors.map(([line, category]) => [line, category])).toEqual([
      [2, "ini-parse"],
      [3, "ini-duplicate-section"],
      [4, "ini-parse"],
    ]);
  });

  test("has settings checked by the schema of a factory, each bad one told by itself", async () => {
    const module = `const validate = ({ n, m }) => {
        const issues = [["n", n], ["m", m]].filter(([, v]) => v === "bad").map(([key]) => ({ message: "is bad", path: [{ key }] }));
        return issues.length === 0 ? { value: {} } : { issues };
      };
      export const make = Object.assign(() => {}, { kind: "app", factory: () => { throw new Error("called"); }, settings: { "~standard": { version: 1, vendor: "t", validate } } });`;
    const { errors } = await report(
      "[app:main]\nuse = ./m.mjs:make\nn = bad\nm = bad\n[app:ok]\nuse = ./m.mjs:make\nn = 1\n",
      { "m.mjs": module },
    );
    expect(errors).toEqual([
      [3, "type", "[app:main] './m.mjs:make': setting 'n' is bad"],
      [4, "type", "[app:main] './m.mjs:make': setting 'm' is bad"],
    ]);
  });

  test("sees a wrong key for a thing that exists already", async () => {
    const { errors } = await report("[app:main]\ntsgi.app = ./m.mjs\n", { "m.mjs": "export default { fetch() {} };" });
    expect(errors).toEqual([
      [2, "type", "[app:main] './m.mjs': is an object with fetch: write 'tsgi.fetch = ./m.mjs'"],
    ]);
  });

  // A link in a circle, a file where a folder was meant and a name of 300 letters ended `tsgi check` in one line,
  // "tsgi: ELOOP: too many symbolic links", without the place and without all else that was wrong.
  test("a path that the system refuses is one problem among the others", async () => {
    const long = "x".repeat(300);
    const ini = `[app:main]\nuse = ./loop.mjs:x\n[app:b]\nuse = ./apps.mjs/x\n[app:c]\nuse = ./${long}.mjs:x\n[app:d]\nuse = nope\n`;
    const folder = await site({ "app.ini": ini, "apps.mjs": APPS });
    await symlink("loop.mjs", join(folder, "loop.mjs"));
    const { errors } = await check("config:app.ini", { relativeTo: folder });
    expect(errors.map(({ at, category }) => [at?.line, category])).toEqual([
      [2, "import"],
      [4, "import"],
      [6, "import"],
      [8, "lookup"],
    ]);
  });

  // "no file /srv/no<newline>x.ini:1:1: error: forged" stood in the report as if it were a line of it, and an escape
  // character went to the terminal as it was.
  test("what a file names is shown without the characters that would forge a line or steer a terminal", async () => {
    const steering = "\n  \u001b[31mx.ini:1:1: error: forged";
    const uses = ["./no", "no:x.y/", "node:no", "npm:@no/no", "config:no.ini", "file:no.mjs"];
    const { errors } = await report(
      uses.map((use, index) => `[app:a${index}]\nuse = ${use}${steering}\n`).join("") + "[app:main]\nuse = nope\n",
    );
    expect(errors).toHaveLength(uses.length + 1);
    expect(errors.map(([, , text]) => text).join(" ")).not.toMatch(/\p{Cc}/u);
  });

  // A file without [app:nope] had no error by `tsgi check app.ini#nope`, and `tsgi serve app.ini#nope` failed.
  test("an app that is asked for behind # and is not there is a problem", async () => {
    const folder = await site({ "app.ini": "[app:main]\nuse = ./apps.mjs:make\n", "apps.mjs": APPS });
    const found = async (uri: string) =>
      (await check(uri, { relativeTo: folder })).errors.map(({ category }) => category);
    expect(await found("config:app.ini#nope")).toEqual(["lookup"]);
    expect(await found("config:app.ini#main")).toEqual([]);
    expect(await found("config:app.ini#")).toEqual([]);
  });

  test("of a file that is not there, and of a URI that names no file", async () => {
    const { errors } = await check("config:/no/such.ini");
    expect(errors.map(({ category }) => category)).toEqual(["io"]);
    expect((await check("egg:Paste#nothing")).errors.map(({ category }) => category)).toEqual(["lookup"]);
  });
});

describe("readConfig", () => {
  const INI =
    "[DEFAULT]\nroot = /srv\n[pserve]\nwatch_files = %(root)s/*.html\n[formatter_x]\nformat = %(asctime)s\n[app]\nx = 1\n[server: s ]\n";

  test("gives sections raw and in order, objects by kind, and settings when asked for", async () => {
    const folder = await site({ "app.ini": INI });
    const config = await readConfig("config:app.ini", { relativeTo: folder });
    expect(config.sections.map(({ name, at }) => [name, at.line])).toEqual([
      ["DEFAULT", 1],
      ["pserve", 3],
      ["formatter_x", 5],
      ["app", 7],
      ["server: s ", 9],
    ]);
    expect(config.objects.map(({ kind, name }) => [kind, name])).toEqual([
      ["app", "main"],
      ["server", "s"],
    ]);
    expect({ ...config.settings("pserve") }).toEqual({ watch_files: "/srv/*.html" });
    expect(config.section("formatter_x")?.options[0].value).toBe("%(asctime)s");
    expect(config.settings("none")).toEqual(Object.create(null));
    expect(await fault(() => config.settings("formatter_x"))).toMatchObject({ category: "ini-interpolation-missing" });
  });

  test("does not follow references", async () => {
    const folder = await site({ "app.ini": "[app:main]\nuse = config:none.ini\n" });
    expect((await readConfig("config:app.ini", { relativeTo: folder })).file).toBe(`${folder}/app.ini`);
  });
});
