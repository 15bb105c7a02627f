import { urlmap, type App } from "@tsgi/core";
import { parseMount } from "@tsgi/core/adapter";
import { ConfigError } from "../error.ts";
import { checkedBy, issueOf } from "./settings.ts";
import type { AppLoader, Strings } from "./types.ts";

// egg:Paste#urlmap

/** One mount of a urlmap section. */
export interface Mount {
  /** The setting that says it, as written. */
  readonly key: string;
  /** In lower case, with its port when one was given; "" for any host. */
  readonly host: string;
  /** Without a slash at its end; "" for the root. */
  readonly path: string;
}

/**
 * `[composite:x] use = urlmap`: each setting mounts the app that it names; `not_found_app` answers elsewhere.
 * Source of the rule: paste.urlmap.urlmap_factory.
 *
 * @throws (rejects) ConfigError for a key that is no path and no host
 */
export async function factory(loader: AppLoader, globalConf: Strings, localConf: Strings): Promise<App> {
  const elsewhere = localConf.not_found_app ?? globalConf.not_found_app;
  const notFound = elsewhere ? await loader.getApp(elsewhere, globalConf) : undefined;
  const apps = Object.create(null) as Record<string, App>;
  // nothing is destructured: V8 takes 20 ms to make a record of a thousand keys without one of them
  for (const key of Object.keys(localConf)) {
    if (key === "not_found_app") continue;
    mountOf(key);
    apps[key] = await loader.getApp(localConf[key], globalConf);
  }
  return urlmap(apps, notFound === undefined ? {} : { notFound });
}

/**
 * What a section mounts, in the order in which it is matched: hosts before no host, longer paths before shorter ones,
 * equally long ones as text. Of keys that mean the same the last one counts.
 *
 * @throws ConfigError for a key that is no path and no host
 */
export function mountsOf(localConf: Strings): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const key of Object.keys(localConf)) {
    if (key === "not_found_app") continue;
    const mount = mountOf(key);
    mounts.set(`${mount.host} ${mount.path}`, mount);
  }
  return [...mounts.values()].sort(
    (a, b) =>
      order(a.host === "" ? "\uffff" : a.host, b.host === "" ? "\uffff" : b.host) ||
      b.path.length - a.path.length ||
      order(a.path, b.path),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function mountOf(key: string): Mount {
  try {
    return { key, ...parseMount(key) };
  } catch (error) {
    const text = (error as Error).message;
    // Paste checks the path by an assertion, the words by a ValueError
    throw new ConfigError(text.includes("URL fragments") ? "assertion" : "value", text, { key }, { cause: error });
  }
}
/** For whoever checks a file without making anything of it. */
factory.settings = checkedBy((localConf) =>
  Object.keys(localConf).flatMap((key) => (key === "not_found_app" ? [] : issueOf(key, () => mountOf(key)))),
);
