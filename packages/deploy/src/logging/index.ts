export { configureLogging, type LevelName, type Logger, type Logging } from "./logging.ts";
export type { RawSection } from "./sections.ts";
