// The whole tour as one TSGI app: it imports the contract and knows no runtime.
import { urlmap, type App } from "@tsgi/core";
import { clock, watch } from "./tour/clock.ts";
import { environJson, environPage } from "./tour/environ.ts";
import { generatorHello } from "./tour/generator.ts";
import { hello } from "./tour/hello.ts";
import { index } from "./tour/index.ts";
import { routes } from "./tour/routes.ts";

export const app: App = urlmap({
  "/": index,
  "/hello": hello,
  "/generator": generatorHello,
  "/environ": environPage,
  "/environ.json": environJson,
  "/routes": routes,
  "/clock": clock,
  "/watch": watch,
});

export default app;
