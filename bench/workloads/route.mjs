import assert from "node:assert/strict";
import { profile, ROUTE_COOKIES, ROUTE_HEADERS } from "../servers/answers.mjs";
import { BROWSER, checkAnswer, get } from "./request.mjs";

const EXPECTED = profile("1093", "2", "name", BROWSER["Accept-Language"], BROWSER.Cookie, BROWSER["User-Agent"]);

export default {
  name: "route",
  title: "a path parameter, two of the query, three headers read; four headers and two cookies set",
  kind: "rate",
  request: () => get("/users/1093?page=2&sort=name"),
  check(answer) {
    checkAnswer(answer, "text/plain", EXPECTED);
    for (const name in ROUTE_HEADERS)
      if (name !== "content-type") assert.equal(answer.headers[name], ROUTE_HEADERS[name]);
    assert.deepEqual(answer.headers["set-cookie"], ROUTE_COOKIES);
  },
};
