import { defineServer, type Defined, type ServerRunner, type Settings } from "@tsgi/core";

/**
 * The server that a configuration file for Workers may name: a Worker does not listen, its platform does.
 *
 * @throws Error always, saying what to do instead
 */
export const main: Defined<Settings, ServerRunner> = defineServer({
  create: (_settings: Settings): ServerRunner => {
    throw new Error("a Worker does not listen: `tsgi build app.ini --target workers` makes what workerd serves");
  },
});
