// `import app from "./app.ini"`: `"types": ["@tsgi/deploy/ini"]` in tsconfig.json, or
// `/// <reference types="@tsgi/deploy/ini" />` in a file.
declare module "*.ini" {
  const app: import("@tsgi/core").App & import("@tsgi/core").Lifespan;
  export default app;
}
