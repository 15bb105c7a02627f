import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Middleware } from "@tsgi/core";
import { withWiki } from "./filter.ts";
import { inOrder, pageName, versionOf, type Page, type Store } from "./store.ts";

/** Pages as `NAME.md` in a folder. */
export class FileStore implements Store {
  private readonly folder: string;
  /** One save at a time: what was compared must still be so when it is written. */
  private saving: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.folder = folder;
  }

  async read(name: string): Promise<Page | undefined> {
    try {
      const text = await readFile(this.path(name), "utf8");
      return { text, version: await versionOf(text) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  write(name: string, text: string, version: string): Promise<boolean> {
    const saved = this.saving.then(async () => {
      if (((await this.read(name))?.version ?? "") !== version) return false;
      await mkdir(this.folder, { recursive: true });
      // a reader sees the old page or the new one, and never half of it
      const draft = join(this.folder, `.${name}.${process.pid}.new`);
      await writeFile(draft, text);
      await rename(draft, this.path(name));
      return true;
    });
    this.saving = saved.catch(() => {});
    return saved;
  }

  async list(): Promise<string[]> {
    const files = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    const names = files.filter((file) => file.endsWith(".md")).map((file) => file.slice(0, -3).normalize("NFC"));
    return inOrder(names.filter((name) => pageName(name) === name));
  }

  private path(name: string): string {
    if (pageName(name) !== name) throw new TypeError(`${JSON.stringify(name)} is no name of a page`);
    return join(this.folder, `${name}.md`);
  }
}

/** `[filter:x] use = ./src/store/files.ts:files`: the apps behind it find their pages in `folder`. */
export function files(_globalConf: unknown, settings: { folder: string; title: string }): Middleware {
  const store = new FileStore(settings.folder);
  return withWiki(settings.title, () => store);
}
