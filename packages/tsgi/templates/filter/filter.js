// Plain JavaScript with types beside it: what is published runs as it stands on Node, Bun, Deno and Workers.
import { defineFilter, mapResponse } from "tsgi";

/**
 * Adds a header field to every answer: from code `main({ name: "X-Team", value: "wiki" })(app)`, from an INI file
 * `use = npm:{{name}}` with `name` and `value`.
 */
export const main = defineFilter({
  create: ({ name = "X-Filter", value = "{{name}}" }) => {
    return (app) => mapResponse(app, { head: (status, headers) => [status, [...headers, [name, value]]] });
  },
});
