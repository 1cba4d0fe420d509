/** Makes the pictures of the status page in docs/images anew, after a change of the page. Needs Debian's Chromium. */
import { READY_EXAMPLE, REPAIRING_EXAMPLE } from "../test/support/data/page_examples.ts";
import { renderPage } from "../src/status/page.ts";
import { startBrowser } from "../test/support/browser.ts";

const [WIDTH, HEIGHT] = [1000, 1040];
const IMAGES = new URL("../docs/images/", import.meta.url).pathname;

await Deno.mkdir(IMAGES, { recursive: true });
await using browser = await startBrowser();
for (const [scheme, facts] of [["light", READY_EXAMPLE], ["dark", REPAIRING_EXAMPLE]] as const) {
  const page = await browser.open({ width: WIDTH, scheme });
  await page.setViewportSize({ width: WIDTH, height: HEIGHT });
  await page.setContent(renderPage(facts));
  await page.screenshot({
    path: `${IMAGES}status-page-${scheme}.png`,
    clip: { x: 0, y: 0, width: WIDTH, height: HEIGHT },
  });
}
