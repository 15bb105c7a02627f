import hello from "./hello.mjs";

export default {
  ...hello,
  name: "filters",
  title: "hello behind ten filters (middlewares, hooks) that pass everything on, and behind none",
  python: false,
  // a layer is to cost the same however many there are; bare has none, and is what everyone is compared with
  options: (server) => ({ bare: ["0"], tsgi: ["0", "1", "5", "10", "20"] })[server] ?? ["0", "10"],
  optionTitle: (option) => `${option} layers`,
};
