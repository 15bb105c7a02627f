import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { check } from "../../src/index.ts";

test("the settings of every built-in are checked without making anything, each fault with its line", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tsgi-check-"));
  try {
    const text = `[server:main]
use = egg:waitress#main
threads = 4
prt = 5
max_request_body_size = big
[server:own]
use = tsgi
grace = soon
[app:files]
use = static
document_root = %(here)s
listing = maybe
[composite:map]
use = urlmap
foo = files
[composite:chain]
use = cascade
catch = many
[app:upstream]
use = egg:Paste#proxy
address = nope
[filter:behind]
use = egg:PasteDeploy#prefix
force_port = x
[filter:log]
use = egg:Paste#translogger
format = %%(nope)s
[filter:lines]
use = access-log
format = %%y
[filter:page]
use = error-page
edito = x
`;
    await writeFile(join(folder, "app.ini"), text);
    const { errors, warnings } = await check("config:app.ini", { relativeTo: folder });
    const told = errors.map((error) => `${error.at?.line}: ${error.text}`);
    for (const [line, message] of [
      [4, "unknown setting 'prt' (did you mean 'port'?)"],
      [5, "setting 'max_request_body_size': Bad size: 'big'"],
      [8, "setting 'grace': Bad duration: 'soon'"],
      [12, "setting 'listing': String is not true/false: 'maybe'"],
      [15, "URL fragments must start with /"],
      [18, "catch: Bad integer value: 'many'"],
      [21, "setting 'address': an address such as http://127.0.0.1:4000/ is wanted"],
      [24, "setting 'force_port': Bad integer value: 'x'"],
      [27, "setting 'format': 'nope' is not known in a format"],
      [30, "setting 'format': \"%y\" is no directive of an access log"],
      [33, "did you mean 'editor'?"],
    ] as const)
      expect(
        told.some((each) => each.startsWith(`${line}: `) && each.includes(message)),
        `${line}: ${message} in\n${told.join("\n")}`,
      ).toBe(true);
    expect(warnings.map(({ at, message }) => `${at.line}: ${message.split(":")[0]}`)).toContain(
      "3: threads has no effect here",
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
