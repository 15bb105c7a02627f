import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const WIKI: string = fileURLToPath(new URL("..", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

/** The wiki as `npm start` serves it, on pages of its own. */
export async function startWiki(runtime: string): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), "tsgi-wiki-"));
  const pages = join(folder, "pages");
  await cp(join(WIKI, "pages"), pages, { recursive: true });
  const args = [join(ROOT, "tools/start.mjs"), "--runtime", runtime, "--port", "0", `pages=${pages}`];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const collect = (chunk: Buffer): void => {
      output += String(chunk);
      const match = /serves (http:\/\/127\.0\.0\.1:\d+)\//.exec(output);
      if (match !== null) resolve(match[1]);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    void closed.then(() => reject(new Error(`the wiki ended: ${output}`)));
  });
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
