// Settings that come as text, as a configuration file has them: `import { … } from "@tsgi/core/settings"`.
// The package's own names are imported as everybody does, so that whoever serves without settings loads none of this.
export { asBool, asDuration, asEnum, asFloat, asInt, asList, asSize, asText, shown } from "./settings/convert.ts";
export { suggest } from "./settings/nearest.ts";
export { settingsSchema, type Field, type Given, type Read } from "./settings/schema.ts";
export {
  SERVER_SCHEMA,
  SERVER_SETTINGS,
  serverFactory,
  type ServedRunner,
  type ServedServer,
  type ServeOverrides,
  type ServerInput,
  type ServerPlatform,
  type ServerSettings,
} from "./settings/serve.ts";
