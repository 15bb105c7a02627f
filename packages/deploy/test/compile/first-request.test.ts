import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startWorkerd } from "../../../../tools/runtimes.mjs";
import { compile } from "../../src/compile/compile.ts";
import { projects } from "./project.ts";

const project = projects(dirname(fileURLToPath(import.meta.url)));

// workerd ends what a request began when its client leaves: a construction that died so would hang every request after it
it("a client that leaves while its request constructs the app on workerd takes nothing from the others", async () => {
  const folder = project({
    "app.ini": "[app:main]\nuse = ./app.mjs:make\n",
    "app.mjs": `let begun = 0;
export const make = async () => {
  begun++;
  console.log("construction begins");
  await new Promise((resolve) => setTimeout(resolve, 700));
  return (environ, startResponse) => {
    startResponse("200 OK", []);
    return ["constructed " + begun];
  };
};
`,
  });
  const out = join(folder, "dist/app.js");
  const { code } = await compile("config:app.ini", { target: "workers", entry: true, out, relativeTo: folder });
  mkdirSync(dirname(out));
  writeFileSync(out, code);
  const { child, port, exited } = await startWorkerd(out);
  let said = "";
  child.stdout?.on("data", (chunk) => (said += String(chunk)));
  try {
    const where = await port;
    const first = request({ host: "127.0.0.1", port: where });
    first.on("error", () => {});
    first.end();
    await expect.poll(() => said, { timeout: 20_000 }).toContain("construction begins");
    const second = fetch(`http://127.0.0.1:${where}/`);
    first.destroy();
    const third = fetch(`http://127.0.0.1:${where}/`);
    for (const coming of [second, third]) {
      const response = await coming;
      expect([response.status, await response.text()]).toEqual([200, "constructed 1"]);
    }
  } finally {
    child.kill();
    await exited;
  }
});
