// Tells the built-ins as the cases do. Their factories are the real ones; what is written down is what they were given:
// what they do with it, the HTTP cases show.

/** Has the built-ins' factories remember what they are called with; gives what puts them back. */
export function describing(deploy, described) {
  const describe = (app) => (app ? (described.get(app)?.() ?? { kind: "other", type: typeof app }) : null);
  const tellers = { urlmap, cascade, prefix, config };
  const before = new Map();
  for (const [name, teller] of Object.entries(tellers)) {
    const builtin = deploy.BUILTINS[name];
    before.set(builtin, builtin.load);
    builtin.load = async () => {
      const factory = await before.get(builtin).call(builtin);
      return (first, globalConf, localConf) => {
        const apps = new Map();
        const recording = typeof first === "function" ? first : recorder(first, apps);
        const remember = (app) => {
          described.set(app, () => teller({ apps, first, globalConf, localConf, describe, deploy }));
          return app;
        };
        const made = factory(recording, globalConf, localConf);
        return made instanceof Promise ? made.then(remember) : remember(made);
      };
    };
  }
  return () => {
    for (const [builtin, load] of before) builtin.load = load;
  };
}

/** A loader that remembers the apps by the names that it was asked for. */
function recorder(loader, apps) {
  const getApp = async (name, globalConf) => {
    const app = await loader.getApp(name, globalConf);
    apps.set(name, [...(apps.get(name) ?? []), app]);
    return app;
  };
  return { ...loader, getApp };
}

function urlmap({ apps, localConf, globalConf, describe, deploy }) {
  const elsewhere = localConf.not_found_app ?? globalConf.not_found_app;
  return {
    kind: "urlmap",
    entries: deploy.mountsOf(localConf).map(({ key, host, path }) => ({
      domain: host === "" ? null : host,
      path,
      app: describe(apps.get(localConf[key]).at(-1)),
    })),
    not_found: elsewhere ? describe(apps.get(elsewhere)[0]) : null,
  };
}

function cascade({ apps, localConf, describe }) {
  const keys = Object.keys(localConf).filter((key) => key !== "catch");
  return {
    kind: "cascade",
    catch: (localConf.catch ?? "404").split(/\s+/).filter(Boolean).map(Number).sort((a, b) => a - b),
    apps: keys.sort().map((key) => describe(apps.get(localConf[key])[0])),
  };
}

function prefix({ first, localConf, describe }) {
  const { prefix: path = "", translate_forwarded_server: translate = "true", force_port: port, scheme } = localConf;
  return {
    kind: "prefix",
    prefix: path.replace(/\/+$/, ""),
    translate_forwarded_server: /^(true|yes|on|y|t|1)$/i.test(translate),
    force_port: port ?? null,
    scheme: scheme ?? null,
    app: describe(first),
  };
}

function config({ first, globalConf, localConf, describe }) {
  return { kind: "config", config: { ...globalConf, ...localConf }, app: describe(first) };
}
