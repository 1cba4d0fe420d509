/** The status page as an operator sees it: a daemon between two real sites, and a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { colour, headline, renewed, startBrowser } from "../support/browser.ts";
import { environmentOf, installChSync, type Running } from "../support/program/ch_sync.ts";
import { end, until } from "../support/program/endings.ts";
import { startSlowLink } from "../support/links/slow_link.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const HOSTILE = "<script>alert(1)</script>'\"&";
const PASSWORD = "pass: wörd";

async function addressOf(daemon: Running): Promise<string> {
  await daemon.logged("Status page: ");
  return /Status page: (\S+)/.exec(daemon.log())![1]!;
}

const reasons = (page: Page) => page.locator(".verdict li").allInnerTexts();

Deno.test("the status page tells how it stands, and renews itself", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await using link = startSlowLink(primary.tcpPort);
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, primary),
    REMOTE_CH_PORT: String(link.port),
    CHECK_INTERVAL: "1",
    STATUS_LISTEN: "127.0.0.1:0",
    STATUS_PASSWORD_FILE: "password",
  });
  await Deno.writeTextFile(`${chSync.directory}/password`, `${PASSWORD}\n`);
  await onBoth(
    sites,
    "CREATE DATABASE d",
    telemetryTable("d.t"),
    telemetryTable("d.twins"),
    telemetryTable(`d.\`${HOSTILE}\``),
  );
  for (const site of [primary, dr]) {
    for (const table of ["d.t", "d.twins", `d.\`${HOSTILE}\``]) {
      for (const day of ["2026-01-01", "2026-01-02"]) await load(site, table, day, 100);
    }
  }
  await using browser = await startBrowser();
  const daemon = chSync.start([]);
  const address = await addressOf(daemon);
  const login = { username: "ch-sync", password: PASSWORD };
  const authorization = `Basic ${new TextEncoder().encode(`ch-sync:${PASSWORD}`).toBase64()}`;
  const probe = async (path: string) => {
    const response = await fetch(new URL(path, address), { headers: { authorization } });
    return `${response.status} ${await response.text()}`;
  };
  const page = await browser.open({ login });
  let green = "";

  await t.step("without the password there is only /healthz", async () => {
    for (
      const [path, status] of [["", 401], ["readyz", 401], ["state.json", 401], ["healthz", 200]] as const
    ) {
      const response = await fetch(new URL(path, address));
      await response.body?.cancel();
      assert.equal(response.status, status, path);
    }
  });

  await t.step("ready: in words, in green, with every partition in sync", async () => {
    await daemon.logged("FAILBACK READY");
    await page.goto(address);
    await page.evaluate("globalThis.sameDocument = true");
    // A check that is late on a busy machine lets the verdict expire for a moment.
    await renewed(page, "readiness", async () => await headline(page) === "FAILBACK READY");
    green = await colour(page);
    assert.equal(green, "rgb(11, 107, 79)");
    assert.equal(await page.locator("[aria-labelledby=tables] td.g-good").count(), 6);
    assert.equal(await page.locator(".map a").filter({ hasText: HOSTILE }).count(), 1);
    await until("a recent check", async () => await probe("readyz") === "200 ok\n");
    assert.equal(JSON.parse((await probe("state.json")).slice(4)).failback_ready, true);
  });

  await t.step("one table has a page of its own, whatever its name is", async () => {
    await page.locator(".map a").filter({ hasText: HOSTILE }).click();
    assert.equal(await page.locator("h2").filter({ hasText: HOSTILE }).count(), 1);
    assert.equal(await page.locator(".calendar td.g-good").count(), 2);
    await page.goBack();
    await page.evaluate("globalThis.sameDocument = true");
  });

  await t.step("it fits a phone, light and dark, and the dark page is dark", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const phone = await browser.open({ width: 390, scheme, login });
      await phone.goto(address);
      assert.ok(await phone.evaluate("document.documentElement.scrollWidth") as number <= 390, scheme);
      const background = await phone.evaluate("getComputedStyle(document.body).backgroundColor");
      assert.equal(background, scheme === "dark" ? "rgb(18, 22, 26)" : "rgb(255, 255, 255)");
      await phone.close();
    }
  });

  await t.step("refused: it says why, also to a keyboard, and what is open stays open", async () => {
    await page.locator("#legend summary").click();
    await dr.query(
      "INSERT INTO d.twins SELECT * REPLACE (duration + 1 AS duration, ts + INTERVAL 1 DAY AS ts) " +
        "FROM (SELECT * FROM d.twins WHERE toDate(ts) = '2026-01-02')",
    );
    await load(primary, "d.twins", "2026-01-03", 100);
    await renewed(
      page,
      "the refusal",
      async () => await page.locator("[aria-labelledby=tables] td.g-refused").count() > 0,
    );
    assert.equal(await headline(page), "NOT READY");
    assert.notEqual(await colour(page), green);
    assert.match(
      (await reasons(page)).join("\n"),
      /independent \(both sites hold the same events with different content\): d\.twins/,
    );
    assert.match(await page.title(), /^NOT READY/);
    const refused = page.locator("[aria-labelledby=tables] td.g-refused").first();
    await refused.focus();
    const shown = "getComputedStyle(document.activeElement, '::after').content";
    assert.match(await page.evaluate(shown) as string, /20260103: independent.*missing here 100/s);
    await page.keyboard.press("ArrowLeft");
    assert.match(await page.evaluate(shown) as string, /20260102: in sync.*100 rows at both sites/s);
    await onBoth(sites, "ALTER TABLE d.twins DROP PARTITION ID '20260103'");
    await renewed(
      page,
      "a map without it",
      async () => await page.locator("[aria-labelledby=tables] td.g-refused").count() === 0,
    );
    assert.equal(await page.evaluate("document.activeElement.tagName"), "TD", "another map, the same focus");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate("document.activeElement.tagName"), "BODY");
    assert.equal(
      await page.locator("#legend").evaluate((one) => (one as unknown as { open: boolean }).open),
      true,
    );
  });

  await t.step("not ready: a table that only the active site has", async () => {
    await primary.query(telemetryTable("d.only_there"));
    await load(primary, "d.only_there", "2026-01-01", 10);
    await renewed(
      page,
      "the new table",
      async () => (await reasons(page)).some((text) => /^new .*d\.only_there/.test(text)),
    );
    await until("a recent check, whatever it found", async () => await probe("readyz") === "200 ok\n");
    await primary.query("DROP TABLE d.only_there");
  });

  await t.step("repairing: rows, bytes, rate and time left, and the partition on the map", async () => {
    link.bytesPerSecond = 2_000_000;
    const before = link.bytes;
    await primary.query(
      "INSERT INTO d.t SELECT toDateTime64('2026-01-05 00:00:00', 3, 'UTC') + number / 2 AS ts, 's' AS service, NULL AS status, " +
        "rand() AS duration, map('a', randomPrintableASCII(12)) AS attributes FROM numbers(130000)",
    );
    // Half of it, some twenty bytes a row; then the link stands still for as long as the test looks.
    await until("half of the copy", () => link.bytes - before > 1_700_000);
    link.bytesPerSecond = 0;
    const card = page.getByLabel("Running repair");
    await renewed(
      page,
      "the repair",
      async () => /[1-9],?\d* of 130,000 rows, .*\/s/.test(await card.allInnerTexts().then(String)),
    );
    assert.match(
      await card.innerText(),
      /^Repairing d\.t, partition 20260105\n.*of 130,000 rows, .*iB, .*iB\/s, about .* left$/s,
    );
    assert.match(
      (await page.locator("[aria-labelledby=tables] td.g-busy").getAttribute("aria-label"))!,
      /^20260105: repairing/,
    );
    link.bytesPerSecond = Infinity;
    await renewed(page, "the end of the repair", async () => /^FAILBACK READY/.test(await headline(page)));
    assert.match(await page.locator(".events").innerText(), /Repaired d\.t partition 20260105: 130,000 rows/);
  });

  await t.step("a second daemon on the same state waits, and says so", async () => {
    const second = chSync.start([]);
    const other = await addressOf(second);
    await second.logged("waiting for it");
    const look = await browser.open({ login });
    await until("the state of the first", async () => {
      await look.goto(other);
      return /Another ch-sync holds the lock \(process \d+/.test(await look.locator(".verdict").innerText());
    });
    const response = await fetch(new URL("readyz", other), { headers: { authorization } });
    assert.equal(
      `${response.status} ${await response.text()}`,
      "503 another ch-sync holds the lock: this one waits for it\n",
    );
    await look.close();
    await end(second, "SIGTERM");
  });

  await t.step("an address that is taken ends a daemon before its first check", async () => {
    const { code, stderr } = await chSync.run([], { STATUS_LISTEN: new URL(address).host });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /\[ERROR\] Cannot serve the status page at 127\.0\.0\.1:\d+: .*set STATUS_LISTEN to/,
    );
    assert.doesNotMatch(stderr, /Active site/);
  });

  await t.step("site down: which one, and never green", async () => {
    await primary.server.kill();
    await renewed(
      page,
      "the silence",
      async () => (await reasons(page)).includes("no answer from the remote ClickHouse"),
    );
    assert.notEqual(await colour(page), green);
    assert.match(
      await page.locator(".card").filter({ hasText: "Primary site" }).innerText(),
      /does not answer/,
    );
    assert.equal(await probe("readyz"), "503 no answer from the remote ClickHouse\n");
    assert.ok(
      await page.locator("[aria-labelledby=tables] td.g-past").count() > 0,
      "what was known stays on the map",
    );
    assert.equal(await page.locator("[aria-labelledby=tables] td.g-good").count(), 0, "but is not of now");
    const month = page.locator("section[aria-labelledby=month]");
    assert.match(await month.innerText(), /checks?\n[^]*rows repaired/, "what was kept is drawn");
  });

  await t.step("the end of ch-sync is not held up by a page, which says that nobody answers", async () => {
    assert.equal(await page.evaluate("globalThis.sameDocument"), true, "the page was never loaded again");
    await end(daemon, "SIGTERM");
    await renewed(page, "the loss", async () => /^No answer from ch-sync/.test(await headline(page)));
    assert.match(await page.title(), /^NO ANSWER/);
    assert.ok(!daemon.log().includes(PASSWORD));
    browser.assertNoErrors();
  });
});
