import { checkAnswer, post } from "./request.mjs";

/** An object whose JSON has 1024 bytes. */
export const DOCUMENT = (() => {
  const page = { id: 1093, title: "On the usefulness of gateways", tags: ["http", "server"], public: true, text: "" };
  return JSON.stringify({ ...page, text: "lorem ".repeat(200).slice(0, 1024 - JSON.stringify(page).length) });
})();

export default {
  name: "json",
  title: "`POST /` of 1 KiB of JSON, method and path looked at, parsed, and 1 KiB of JSON back",
  kind: "rate",
  request: () => post("/", "application/json", DOCUMENT),
  check: (answer) => checkAnswer(answer, "application/json", DOCUMENT),
};
