import { say } from "./terminal.ts";

/** Opens a page in the user's browser. Without one (a server, a container) it says so, and that is all. */
export async function openInBrowser(url: string): Promise<void> {
  try {
    const { default: open } = await import("open");
    const child = await open(url);
    child.on("error", () => say(`no browser opens ${url}`));
    // xdg-open: it found no browser, or none that takes the page
    child.on("exit", (code) => {
      if (code === 3 || code === 4) say(`no browser opens ${url}`);
    });
  } catch {
    say(`no browser opens ${url}`);
  }
}
