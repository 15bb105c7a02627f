import hello from "./hello.mjs";

// hono's hello, served by what each runtime has for a fetch handler and through fromFetch
export default {
  ...hello,
  name: "fetch",
  title: "hono's hello by itself, and through `fromFetch`, with and without a filter that adds one header",
  python: false,
  servers: ["bare", "hono", "srvx", "tsgi", "floor"],
  options: (server) => (server === "tsgi" ? ["", "filter"] : [""]),
  optionTitle: (option) => (option === "filter" ? "with a filter" : ""),
};
