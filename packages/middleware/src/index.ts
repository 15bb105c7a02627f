// The public names, listed by hand. Static files stand apart, in @tsgi/middleware/static: they need node:fs.
export { accessLog, type AccessLogSettings } from "./access-log/index.ts";
export { errorPage, type ErrorPageSettings } from "./error-page/index.ts";
