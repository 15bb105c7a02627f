import type { App } from "tsgi";

/** Makes the app of [app:home]; the settings of its section come as strings. */
export function home(_globalConf: object, { greeting = "Hello" }: { greeting?: string }): App {
  return (environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
    return [`${greeting} from ${environ["tsgi.runtime"]}: ${environ.PATH_INFO}\n`];
  };
}
