import type { Bindings, Middleware } from "@tsgi/core";
import { withWiki } from "./filter.ts";
import { inOrder, versionOf, type Page, type Store } from "./store.ts";

/** What is used of a KV namespace. */
interface Namespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  list(options: { cursor?: string | undefined }): Promise<{
    keys: { name: string }[];
    list_complete: boolean;
    cursor?: string;
  }>;
}

/**
 * Pages in a KV namespace. KV compares nothing by itself and is some seconds behind elsewhere: of two who save in the
 * same moment the later one wins. A Durable Object would do better, and need more.
 */
export class KvStore implements Store {
  private readonly namespace: Namespace;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  async read(name: string): Promise<Page | undefined> {
    const text = await this.namespace.get(name);
    return text === null ? undefined : { text, version: await versionOf(text) };
  }

  async write(name: string, text: string, version: string): Promise<boolean> {
    if (((await this.read(name))?.version ?? "") !== version) return false;
    await this.namespace.put(name, text);
    return true;
  }

  async list(): Promise<string[]> {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const part = await this.namespace.list({ cursor });
      names.push(...part.keys.map((key) => key.name));
      cursor = part.list_complete ? undefined : part.cursor;
    } while (cursor !== undefined);
    return inOrder(names);
  }
}

/** `[filter:x] use = ./src/store/kv.ts:kv`: the apps behind it find their pages in the KV namespace `binding`. */
export function kv(_globalConf: unknown, settings: { binding: string; title: string }): Middleware {
  return withWiki(settings.title, (bindings: Bindings) => {
    const namespace = bindings[settings.binding];
    if (namespace === undefined) throw new Error(`the KV namespace ${settings.binding} is not bound to this Worker`);
    return new KvStore(namespace as Namespace);
  });
}
