import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig(
  library({
    index: "src/index.ts",
    "access-log": "src/access-log/index.ts",
    "error-page": "src/error-page/index.ts",
    static: "src/static/index.ts",
  }),
);
