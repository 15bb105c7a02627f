import type { App } from "@tsgi/core";
import { HTML, page } from "../page.ts";

/** Server-sent events, one a second, until the client leaves. */
export const clock: App = async function* (environ, startResponse) {
  const left = environ["tsgi.signal"];
  startResponse("200 OK", [
    ["Content-Type", "text/event-stream"],
    ["Cache-Control", "no-store"],
  ]);
  while (!left.aborted) {
    yield `data: ${new Date().toISOString()}\n\n`;
    await pause(1000, left);
  }
};

/** Waits, or stops waiting when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}

/** The page that shows the clock. */
export const watch: App = (_environ, startResponse) => {
  startResponse("200 OK", [HTML]);
  return [
    page(
      "The streaming clock",
      `<p><output id="time">…</output></p>
<p>Each second is one chunk of one long answer. Close this page and the clock stops.</p>
<script>
  new EventSource("clock").onmessage = ({ data }) => (document.getElementById("time").textContent = data);
</script>`,
    ),
  ];
};
