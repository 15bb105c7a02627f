import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { ConfigError } from "../src/index.ts";

const made: string[] = [];

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

/** A folder with these files; it is removed at the end of the test file. */
export async function site(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "deploy-")));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** The error that something must end in, its paths without the folder. */
export async function fault(
  work: Promise<unknown> | (() => unknown),
  folder = "",
): Promise<{
  category: string;
  message: string;
  line: number | undefined;
  column: number | undefined;
  key: string | undefined;
}> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { category, message, at, key } = error;
    return {
      category,
      message: folder === "" ? message : message.replaceAll(`${folder}/`, ""),
      line: at?.line,
      column: at?.column,
      key,
    };
  }
  throw new Error("no error came");
}

/** Factories that give apps answering with what they were called with. */
export const APPS = `
const app = (what) => Object.assign((environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify(what)];
}, { what });
export const make = (globalConf, localConf) => app({ globalConf: { ...globalConf }, localConf: { ...localConf } });
export const filter = (globalConf, localConf) => (inner) => app({ filter: localConf.label, app: inner.what });
export const filterApp = async (inner, globalConf, localConf) => app({ filterApp: localConf.label, app: inner.what });
export const composite = async (loader, globalConf, { of }) => {
  const parts = [];
  for (const name of of.split(" ")) parts.push((await loader.getApp(name, globalConf)).what);
  return app({ parts });
};
export const server = (globalConf, localConf) => async (inner) => ({ url: "x:", close: async () => {}, localConf, app: inner.what });
export const hello = (environ, startResponse) => {
  startResponse("200 OK", []);
  return ["hello"];
};
`;
