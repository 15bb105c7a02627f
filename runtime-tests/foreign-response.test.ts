import { fileURLToPath } from "node:url";
import { runtimes } from "@tsgi/testing";
import { expect, it } from "vitest";

// A Response of another class, as a package's own fetch gives it, went out as it was: Bun answered 204 in its place, and
// Deno ended the process where it came by a promise. workerd refuses it with a 500 of its own.

const FIXTURE = fileURLToPath(new URL("../packages/core/test/fixtures/foreign-response.mjs", import.meta.url));

it.each(runtimes().filter(({ name }) => name !== "workerd"))(
  "a Response of another class is sent on $name",
  async (runtime) => {
    await using server = await runtime.start(FIXTURE);
    for (const path of ["/now", "/later"]) {
      const answer = await fetch(server.url + path, { signal: AbortSignal.timeout(5000) });
      const { status, headers } = answer;
      expect([status, headers.get("x-foreign"), await answer.text()]).toEqual([201, "1", "from elsewhere"]);
    }
  },
);
