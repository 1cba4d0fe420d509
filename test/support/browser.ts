/** A real browser without a window: Debian's Chromium, driven by Playwright's core. */
import assert from "node:assert/strict";
import { chromium, type Page } from "playwright-core";
import { needsPackage } from "./sites/debian_packages.ts";
import { until } from "./program/endings.ts";

const CHROMIUM = "/usr/bin/chromium";

export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  readonly login?: { readonly username: string; readonly password: string };
}

export interface Browser extends AsyncDisposable {
  /** A page of its own, with a clock that tests set. */
  open(look?: Look): Promise<Page>;
  /** Fails if any page had an error, or wanted what its policy forbids. */
  assertNoErrors(): void;
}

export async function startBrowser(): Promise<Browser> {
  await needsPackage("chromium", "/usr/bin/chromium");
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const errors: string[] = [];
  return {
    async open({ width = 1200, scheme = "light", login } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: scheme,
        ...(login ? { httpCredentials: login } : {}),
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        // That a server is gone is told by the browser itself.
        if (message.type() === "error" && !/ERR_CONNECTION_REFUSED/.test(message.text())) {
          errors.push(message.text());
        }
      });
      page.on("dialog", (dialog) => errors.push(`dialog: ${dialog.message()}`));
      await page.clock.install();
      return page;
    },
    assertNoErrors() {
      assert.deepEqual(errors, []);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}

/** The first line of the status page's verdict. */
export function headline(page: Page): Promise<string> {
  return page.locator("h1").innerText();
}

/** Of the verdict: green says that it is safe to switch back. */
export function colour(page: Page): Promise<string> {
  return page.evaluate<string>("getComputedStyle(document.querySelector('.verdict')).backgroundColor");
}

/** Lets the page renew itself, as it does every ten seconds, until it shows something; throws after 30 s. */
export function renewed(page: Page, what: string, shows: () => Promise<boolean>): Promise<void> {
  return until(what, async () => {
    await page.clock.runFor(10_000);
    return await shows();
  });
}
