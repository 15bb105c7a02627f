// A server made as a configuration file makes it: the settings are an argument, and everything is text.

/** Serves by settings, says where it listens, and ends with SIGTERM. */
export async function run(main, process) {
  const [settings, overrides, globalConf] = process.argv.slice(2).map((text) => JSON.parse(text));
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  const app = (environ, startResponse) => {
    if (environ.PATH_INFO === "/length")
      return environ["tsgi.input"].bytes().then(({ length }) => {
        startResponse("200 OK", [["Content-Type", "text/plain"]]);
        return [String(length)];
      });
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return [`${environ["tsgi.url_scheme"]} ${environ.REMOTE_ADDR} ${environ.HTTP_HOST}`];
  };
  app[Symbol.asyncDispose] = async () => say({ disposed: true });
  try {
    const runner = await main.factory(globalConf ?? {}, settings);
    const server = await runner(app, overrides ?? {});
    process.on("SIGTERM", () => void server.close().then(() => process.exit(0)));
    say({ url: server.url, urls: server.urls });
  } catch (error) {
    say({ error: error.message, name: error.name });
    process.exit(1);
  }
}
