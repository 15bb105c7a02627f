import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RUNTIMES } from "../../../tools/runtimes.mjs";
import { startWiki, type Started } from "./started.ts";

// The wiki as a person uses it: in a browser, on each runtime.

const CHROMIUM = "/usr/bin/chromium";
const installed = existsSync(CHROMIUM);
if (!installed)
  console.warn(`skipped: the wiki in a browser; there is no ${CHROMIUM} (Debian: apt-get install chromium)`);

describe.skipIf(!installed)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  describe.each(RUNTIMES)("on %s", (runtime) => {
    let wiki: Started;
    let context: BrowserContext;
    let page: Page;
    let troubles: string[];
    beforeAll(async () => {
      wiki = await startWiki(runtime);
    });
    afterAll(() => wiki?.stop());
    beforeEach(async () => {
      troubles = [];
      context = await browser.newContext({ baseURL: wiki.url });
      page = await open();
    });
    afterEach(() => context.close());

    async function open(): Promise<Page> {
      const opened = await context.newPage();
      // what a page asks for and does not get, and what its policy forbids, is said in the console
      opened.on("console", (message) => void (message.type() === "error" && troubles.push(message.text())));
      opened.on("pageerror", (error) => void troubles.push(error.message));
      opened.on("dialog", (dialog) => {
        troubles.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      return opened;
    }

    const heading = (of: Page): Promise<string> => of.locator("h1").innerText();

    it("a page is opened, edited, saved and read back", async () => {
      await page.goto("/");
      expect(await heading(page)).toBe("Start");
      expect(new URL(page.url()).pathname).toBe("/Start");
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      const text = page.getByRole("textbox", { name: /^Text/ });
      const before = await text.inputValue();
      expect(before).toMatch(/^Welcome/);
      await text.fill(`Changed on **${runtime}**: ünïcödé & <tags>\n\n${before}`);
      await page.getByRole("button", { name: "Save" }).click();
      expect(await page.getByText("Saved.").innerText()).toBe("Saved.");
      expect(await page.locator("article strong").first().innerText()).toBe(runtime);

      const other = await open();
      await other.goto("/Start");
      expect(await other.locator("article p").first().innerText()).toBe(`Changed on ${runtime}: ünïcödé & <tags>`);
      await other.getByRole("link", { name: "Edit", exact: true }).click();
      expect(await other.getByRole("textbox", { name: /^Text/ }).inputValue()).toBe(
        `Changed on **${runtime}**: ünïcödé & <tags>\n\n${before}`,
      );
      expect(troubles).toEqual([]);
    });

    it("the style and the icon arrive, as what they are", async () => {
      await page.goto("/Start");
      const font = await page.locator(".brand").evaluate((brand) => getComputedStyle(brand).fontWeight);
      expect(font).toBe("650");
      const width = await page.locator(".brand img").evaluate((image) => (image as HTMLImageElement).naturalWidth);
      expect(width).toBeGreaterThan(0);
      expect(troubles).toEqual([]);
    });

    it("a page that does not exist is offered, written, and linked from then on", async () => {
      await page.goto("/Start");
      await page.getByRole("link", { name: "Your own page" }).click();
      expect(await heading(page)).toBe("Your own page");
      await page.getByRole("link", { name: "Write it" }).click();
      await page.getByRole("textbox", { name: /^Text/ }).fill("Back to [[Start]].");
      await page.getByRole("button", { name: "Save" }).click();
      const nav = page.getByRole("navigation");
      await nav.getByRole("link", { name: "Your own page" }).waitFor();
      await page.locator("article").getByRole("link", { name: "Start" }).click();
      expect(await page.locator("article a.missing").count()).toBe(0);
    });

    it("markup and script in a text stay text", async () => {
      const evil = "<script>alert(1)</script> <img src=x onerror=alert(2)> [click](javascript:alert(3)) </textarea>";
      await page.goto("/Evil?edit");
      await page.getByRole("textbox", { name: /^Text/ }).fill(evil);
      await page.getByRole("button", { name: "Save" }).click();
      const text = await page.locator("article").innerText();
      expect(text).toContain("<script>alert(1)</script> <img src=x onerror=alert(2)>");
      expect(await page.locator("article script, article img, article a").count()).toBe(0);
      await page.getByRole("link", { name: "Edit", exact: true }).click();
      expect(await page.getByRole("textbox", { name: /^Text/ }).inputValue()).toBe(`${evil}\n`);
      expect(troubles).toEqual([]);
    });

    it("of two who change a page the second one sees both texts, and loses none", async () => {
      await page.goto("/Writing?edit");
      const second = await open();
      await second.goto("/Writing?edit");
      await page.getByRole("textbox", { name: /^Text/ }).fill("Said by the first");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await second.getByRole("textbox", { name: /^Text/ }).fill("Said by the second");
      await second.getByRole("button", { name: "Save" }).click();
      expect(await second.getByRole("alert").innerText()).toContain("Said by the first");
      expect(await second.getByRole("textbox", { name: /^Text/ }).inputValue()).toBe("Said by the second\n");
      await second.getByRole("button", { name: "Save" }).click();
      expect(await second.locator("article").innerText()).toBe("Said by the second");
    });

    it("the search of Express finds what the wiki has saved", async () => {
      await page.goto("/Found?edit");
      await page.getByRole("textbox", { name: /^Text/ }).fill("A word that is nowhere else: quixotic.");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await page.getByRole("searchbox").fill("QUIXOTIC");
      await page.getByRole("searchbox").press("Enter");
      expect(await page.locator("mark").innerText()).toBe("quixotic");
      await page.locator(".found").getByRole("link", { name: "Found" }).click();
      expect(await heading(page)).toBe("Found");
    });

    it("a page of another site cannot save", async () => {
      await page.goto("/Start");
      const other = await open();
      // a form there that sends itself here: another origin, and what its browser says of it
      await other.route("http://elsewhere.example/", (route) =>
        route.fulfill({
          contentType: "text/html",
          body: `<form method="post" action="${wiki.url}/Start"><input name="text" value="taken over"><button>Go</button></form>`,
        }),
      );
      await other.goto("http://elsewhere.example/");
      const answered = other.waitForResponse(`${wiki.url}/Start`);
      await other.getByRole("button", { name: "Go" }).click();
      expect((await answered).status()).toBe(403);
      await page.reload();
      expect(await page.locator("article").innerText()).not.toContain("taken over");
    });

    it("the keyboard goes past the header to the page", async () => {
      await page.goto("/Start");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    });
  });
});
