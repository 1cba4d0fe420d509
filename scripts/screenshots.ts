/** Makes the pictures of the status page in docs/images anew, after a change of the page. Needs Debian's Chromium. */
import { LOST_EXAMPLE, READY_EXAMPLE, REPAIRING_EXAMPLE } from "../test/support/data/page_examples.ts";
import { renderPage } from "../src/status/page.ts";
import { startBrowser } from "../test/support/browser.ts";

const IMAGES = new URL("../docs/images/", import.meta.url).pathname;

/** `from`: what stands at the top of the picture, where it is not the page's own top. */
const PICTURES = [
  { name: "light", facts: READY_EXAMPLE, scheme: "light", width: 1000, height: 1150 },
  { name: "dark", facts: REPAIRING_EXAMPLE, scheme: "dark", width: 1000, height: 1265 },
  { name: "phone", facts: LOST_EXAMPLE, scheme: "light", width: 390, height: 790, from: ".loss" },
] as const;

await Deno.mkdir(IMAGES, { recursive: true });
await using browser = await startBrowser();
for (const { name, facts, scheme, width, height, ...top } of PICTURES) {
  const page = await browser.open({ width, scheme });
  await page.setViewportSize({ width, height });
  await page.setContent(renderPage(facts));
  if ("from" in top) {
    await page.evaluate(
      `scrollTo(0, document.querySelector("${top.from}").getBoundingClientRect().top - 10)`,
    );
  }
  await page.screenshot({ path: `${IMAGES}status-page-${name}.png` });
}
