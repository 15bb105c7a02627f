import { cascade, type App } from "@tsgi/core";
import { ConfigError } from "../error.ts";
import { asInt, asList } from "../converters.ts";
import { checkedBy, issueOf } from "./settings.ts";
import type { AppLoader, Strings } from "./types.ts";

// egg:Paste#cascade

/**
 * `[composite:x] use = cascade`: apps in the order of their keys as text (`app1`, `app10`, `app2`), `catch = 404 405` the
 * statuses that hand a request on.
 * Source of the rule: paste.cascade.make_cascade.
 *
 * @throws (rejects) ConfigError for a key that does not begin with `app`, a bad `catch`, and no app at all
 */
export async function factory(loader: AppLoader, globalConf: Strings, localConf: Strings): Promise<App> {
  const apps: [key: string, app: App][] = [];
  for (const [key, name] of Object.entries(localConf)) {
    if (key === "catch") continue;
    checkKey(key, name);
    apps.push([key, await loader.getApp(name, globalConf)]);
  }
  const caught = Object.hasOwn(localConf, "catch") ? asList(localConf.catch).map(statusOf) : [404];
  if (apps.length === 0) throw new ConfigError("index", NO_APP);
  apps.sort(([a], [b]) => (a < b ? -1 : 1));
  return cascade(
    apps.map(([, app]) => app),
    { catch: caught },
  );
}

const NO_APP = "this cascade names no app; app1 = NAME, app2 = NAME is wanted";

function checkKey(key: string, name: string): void {
  if (key.startsWith("app")) return;
  const text = `Bad configuration key '${key}' (='${name}'); all configuration keys must start with 'app'`;
  throw new ConfigError("value", text, { key });
}

function statusOf(word: string): number {
  try {
    return asInt(word, { min: 200, max: 599 });
  } catch (error) {
    const category = /^[0-9]+$/.test(word) ? "key" : "value";
    throw new ConfigError(category, `catch: ${(error as Error).message}; statuses such as 404 405 are wanted`, {
      key: "catch",
    });
  }
}
/** For whoever checks a file without making anything of it. */
factory.settings = checkedBy((localConf) => {
  const issues = Object.entries(localConf).flatMap(([key, value]) =>
    issueOf(key, () => (key === "catch" ? asList(value).map(statusOf) : checkKey(key, value))),
  );
  return Object.keys(localConf).some((key) => key.startsWith("app")) ? issues : [...issues, { message: NO_APP }];
});
