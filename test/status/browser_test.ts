/** The status page in a real browser, without a daemon: how large it gets, and what it says once nobody renews it. */
import assert from "node:assert/strict";
import { settingsDigest } from "../../src/config/settings_digest.ts";
import { LiveView } from "../../src/daemon/live_view.ts";
import { serveStatus } from "../../src/status/server.ts";
import { settingsWith } from "../support/data/example_environment.ts";
import { colour, headline, renewed, startBrowser } from "../support/browser.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { boardOf, installation, POLICY, READY, rememberAll, sites } from "../support/shown_page.ts";

Deno.test("500 tables with 50,000 partitions are a small page, made at once, however often it is asked for", async () => {
  await using directory = await temporaryDirectory();
  const { report, known, state } = installation(500, 100, 97);
  const settings = settingsWith();
  await rememberAll(directory.path, await settingsDigest(settings), known);
  const view = new LiveView(settings, directory.path);
  view.loaded(state);
  view.checkEnds({ report, state }, new Date(Date.now() + 60_000));
  const server = await serveStatus({
    listen: { hostname: "127.0.0.1", port: 0 },
    tls: null,
    hosts: [],
    login: null,
    onWrongPassword: () => {},
    policy: settings,
    source: view,
    metrics: () => Promise.resolve({ body: "", contentType: "text/plain" }),
    onError: (text) => assert.fail(text),
  });
  const address = `http://127.0.0.1:${server.port}/`;
  const ask = async (search = "") => {
    const begun = performance.now();
    const text = await (await fetch(address + search)).text();
    return { bytes: new TextEncoder().encode(text).length, ms: performance.now() - begun };
  };
  const first = await ask();
  const reloads = await Promise.all(Array.from({ length: 20 }, () => ask()));
  const one = await ask(`?table=${report.tables[400]!.table}`);
  const took = reloads.reduce((sum, { ms }) => Math.max(sum, ms), 0);
  const said = `500 tables, 50,000 partitions: ${first.bytes} bytes, first in ${first.ms.toFixed()} ms, ` +
    `20 at once in ${took.toFixed()} ms, one table ${one.bytes} bytes in ${one.ms.toFixed()} ms`;
  assert.ok(first.bytes < 200_000 && one.bytes < 200_000, said);
  assert.ok(first.ms < 20_000 && one.ms < 20_000, said);

  await using browser = await startBrowser();
  const page = await browser.open();
  await page.goto(address);
  assert.ok(await page.evaluate("document.documentElement.scrollWidth") as number <= 1200);
  const shown = await page.locator(".map tbody tr").count();
  const folded = await page.locator("summary").filter({ hasText: "More tables" }).allInnerTexts();
  const counted = folded.map((text) => Number(/\d+$/.exec(text)![0]));
  assert.equal(counted.reduce((sum, more) => sum + more, shown), 500, folded.join());
  browser.assertNoErrors();
  await server.close();
});

Deno.test("a page that nobody renews is not green for long", async () => {
  const now = Date.now();
  const ready_until = new Date(now + 3_600_000).toISOString();
  const state = { ...READY, last_check: new Date(now).toISOString(), ready_until };
  const source = { state, check: null, nextCheck: null, waiting: null, sites: sites(), events: [] };
  const server = await serveStatus({
    listen: { hostname: "127.0.0.1", port: 0 },
    tls: null,
    hosts: [],
    login: null,
    onWrongPassword: () => {},
    policy: POLICY,
    source: {
      ...source,
      board: () => Promise.resolve(boardOf([{}])),
      month: () => Promise.resolve(new Map()),
    },
    metrics: () => Promise.resolve({ body: "", contentType: "text/plain" }),
    onError: (text) => assert.fail(text),
  });
  await using browser = await startBrowser();
  const page = await browser.open();
  await page.goto(`http://127.0.0.1:${server.port}/`);
  const green = await colour(page);
  assert.equal(await headline(page), "FAILBACK READY");
  await server.close();
  await renewed(page, "the loss", async () => /^No answer from ch-sync: .* of 20/.test(await headline(page)));
  assert.notEqual(await colour(page), green);
  assert.match(await page.title(), /^NO ANSWER/);
  browser.assertNoErrors();
});
