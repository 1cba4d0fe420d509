/** Real OpenTelemetry collectors write to both sites, with queues on disk; a ledger knows where every event is, and why. */
import assert from "node:assert/strict";
import { otherSite } from "../../src/model/site.ts";
import { until } from "../support/program/endings.ts";
import { onStderr } from "../support/sites/fetch_progress.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { builtCollector } from "./build.ts";
import { twoHoursOf } from "./generator.ts";
import { type Check, startStand } from "./stand.ts";

const program = await builtCollector();
if (program === null) {
  onStderr().say(
    "No OpenTelemetry collector is built here: `deno task test:collectors` builds it and tests with it",
  );
} else {
  Deno.test("the configuration of docs/collectors.md is one that the collector takes", () =>
    validateAdvice(program));
  Deno.test("collectors write to both sites: every event is once at each in the end, or it is known why not", (t) =>
    scenarios(program, t));
}

/** The configuration that docs/collectors.md advises, held against the collector itself. */
async function validateAdvice(program: string): Promise<void> {
  const page = await Deno.readTextFile(new URL("../../docs/collectors.md", import.meta.url));
  await using room = await temporaryDirectory();
  await Deno.writeTextFile(`${room.path}/config.yaml`, /```yaml\n([^]*?)```/.exec(page)![1]!);
  const args = ["validate", `--config=${room.path}/config.yaml`];
  const { code, stderr } = await new Deno.Command(program, { args }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

/** Each scenario has a day of its own: what one leaves does not hold up the next. */
const today = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), new Date().getUTCDate());
const daysAgo = (days: number) => today - days * 86_400_000 + 10 * 3600_000;

function assertCheck(
  { code, ready, copied, said }: Check,
  expected: readonly [number, boolean, number],
): void {
  assert.deepEqual([code, ready, copied], expected, said);
}

async function scenarios(program: string, t: Deno.TestContext): Promise<void> {
  await using stand = await startStand(program);
  const { collectors, collectors: [a, b], links } = stand;
  const figures: string[] = [];
  // Each goes on from where the one before it ended.
  const step = async (name: string, scenario: () => Promise<void>) => {
    if (!await t.step(name, scenario)) throw new Error(`not: ${name}`);
  };

  await step("dual write in peace, into tables that the exporters of both make at once", async () => {
    await Promise.all(collectors.map((collector) => collector.start()));
    await stand.send(twoHoursOf("peace", daysAgo(12), 700));
    await stand.drained("peace");
    const check = await stand.check();
    assertCheck(check, [0, true, 0]);
    assert.match(check.said, /8 tables checked/);
    assert.equal((await stand.account("peace")).once, 700);
  });

  for (const [site, days] of [["primary", 11], ["dr", 10]] as const) {
    await step(`the answers of ${site} do not come, so a collector writes rows again`, async () => {
      await using hasty = stand.collector(`hasty-${site}`, { batches: "none", timeout: 6 });
      await hasty.start();
      for (let round = 1; (await stand.account(`again at ${site}`)).extra[site] === 0; round++) {
        const phase = `again at ${site} ${round}`;
        // Rows arrive a second before the exporter hears of it: it never does.
        links[site].delayMs = 1000;
        await stand.send(twoHoursOf(phase, daysAgo(days), 70), [hasty]);
        await until("a row", async () => (await stand.held(site, phase)).size > 0);
        links[site].mode = "vanish";
        const retries = await hasty.retries();
        await until("another attempt", async () => await hasty.retries() > retries);
        Object.assign(links[site], { delayMs: 0, mode: "pass" });
        await stand.drained(phase, [hasty]);
      }
      const before = await stand.account(`again at ${site}`);
      const { code, ready, copied, said } = await stand.check();
      assert.deepEqual([code, ready], [0, true], said);
      const after = await stand.account(`again at ${site}`);
      assert.equal(after.alike === after.events, site === "primary");
      assert.deepEqual([after.nowhere, after.onlyAt], [0, { primary: 0, dr: 0 }]);
      figures.push(
        `answers of ${site} lost: ${before.extra.primary} rows more than once at primary, ${before.extra.dr} at dr; ` +
          `ch-sync copied ${copied}`,
      );
    });
  }

  await step("both collectors are killed in mid-batch", async () => {
    links.primary.delayMs = links.dr.delayMs = 100;
    await stand.send(twoHoursOf("killed a", daysAgo(9), 700), [a]);
    await stand.send(twoHoursOf("killed b", daysAgo(9), 700), [b]);
    await until("a row at a site", async () => (await stand.held("primary", "killed")).size > 0);
    // Taken, and in no full batch yet.
    await stand.send(twoHoursOf("killed a last", daysAgo(9), 35), [a]);
    await stand.send(twoHoursOf("killed b last", daysAgo(9), 35), [b]);
    await Promise.all(collectors.map((collector) => collector.kill()));
    links.primary.delayMs = links.dr.delayMs = 0;
    await Promise.all(collectors.map((collector) => collector.start()));
    await stand.drained("killed");
    const { code, ready, copied, said } = await stand.check();
    assert.deepEqual([code, ready], [0, true], said);
    assert.equal((await stand.account("killed a")).nowhere, 0, "what gathers in a queue on disk is not lost");
    const lost = (await stand.account("killed b last")).nowhere;
    const all = await stand.account("killed");
    figures.push(
      `killed: of 35 events that gathered in a queue on disk 0 were lost, of 35 in the processor \`batch\` ${lost}; of the ` +
        `others, ${
          all.nowhere - lost
        }; ${all.extra.primary} rows more than once at primary, ${all.extra.dr} at dr; ` +
        `ch-sync copied ${copied}`,
    );
  });

  await step("a collector that gives up loses rows at one site, and is late all the same", async () => {
    await using impatient = stand.collector("impatient", { batches: "none", givesUpAfter: 1 });
    await impatient.start();
    await stand.sites.dr.server.kill();
    const began = performance.now();
    for (const event of twoHoursOf("given up", daysAgo(8), 70)) await stand.send([event], [impatient]);
    await until("the end of half of it", async () => await impatient.queued("dr") <= 35);
    await stand.sites.dr.restart();
    await stand.drained("given up", [impatient]);
    const seconds = Math.round((performance.now() - began) / 1000);
    const lost = (await stand.account("given up")).onlyAt.primary;
    assert.ok(lost > 0);
    assertCheck(await stand.check(), [0, true, lost]);
    assert.equal((await stand.account("given up")).once, 70);
    figures.push(
      `max_elapsed_time of 1 s: ${lost} of 70 thrown away and copied by ch-sync; the others came up to ${seconds} s late`,
    );
  });

  await step("DR is down for two hours; its queues drain before, during and after a check", async () => {
    await stand.outage("outage", daysAgo(7), 1400);
    await stand.chSync.dr.run(["pause", "--reason", "collectors drain their queues"]);
    assertCheck(await stand.check(), [3, false, 0]);
    await stand.chSync.dr.run(["resume"]);
    await a.start();
    await stand.drained("outage", [a]);
    const half = await stand.check();
    assertCheck(half, [3, false, 0]);
    assert.match(half.said, /otel_logs partition \d+: backfilling: 100 rows are absent here/);
    links.dr.delayMs = 500;
    await b.start();
    const flowing = await stand.check();
    assert.equal(flowing.copied, 0, flowing.said);
    links.dr.delayMs = 0;
    await stand.drained("outage");
    assertCheck(await stand.check(), [0, true, 0]);
    assert.equal((await stand.account("outage")).once, 1400);
    figures.push("queues of 1400 events drain after a pause: 0 copied, 0 doubled");
  });

  await step("the roles flip: the other site pulls what only this one has", async () => {
    stand.flip();
    const { code, ready, copied, said } = await stand.check();
    assert.deepEqual([code, ready], [0, true], said);
    const { events, alike, onlyAt } = await stand.account();
    assert.deepEqual([alike, onlyAt], [events, { primary: 0, dr: 0 }]);
    figures.push(
      `roles flipped: ch-sync copied ${copied}; ${alike} of ${events} events are as often at one site as at the other`,
    );
  });

  await step(
    "rows older than the settle window that wait in a queue are copied, and then doubled, as the docs say",
    async () => {
      await stand.outage("too early", daysAgo(6), 140);
      assertCheck(await stand.check(), [0, true, 140]);
      await Promise.all(collectors.map((collector) => collector.start()));
      await stand.drained("too early");
      const { extra } = await stand.account("too early");
      assert.deepEqual(extra, { primary: 140, dr: 0 });
      figures.push("queues of 140 events drain after a repair: 140 copied, 140 doubled");
    },
  );

  await step(
    "the first check that sees a queue flow cannot know that it does, as the docs say",
    async () => {
      await stand.outage("first look", daysAgo(5), 140);
      await a.start();
      await stand.drained("first look", [a]);
      assertCheck(await stand.check(), [0, true, 70]);
      await b.start();
      await stand.drained("first look");
      assert.deepEqual((await stand.account("first look")).extra, { primary: 70, dr: 0 });
      figures.push("140 events, of which 70 came before the first check: 70 copied, 70 doubled");
    },
  );

  await step("a settle window that is longer than rows wait in a queue", async () => {
    await stand.outage("window", Date.now() - 3 * 3600_000, 140);
    assertCheck(await stand.check({ SETTLE_SECONDS: "14400" }), [0, true, 0]);
    await Promise.all(collectors.map((collector) => collector.start()));
    await stand.drained("window");
    assertCheck(await stand.check(), [0, true, 0]);
    assert.equal((await stand.account("window")).once, 140);
    figures.push("queues of 140 events drain within a settle window of 4 hours: 0 copied, 0 doubled");
  });

  await step(
    "a collector that starts while a site is down stores rows there without the names of events",
    async () => {
      const down = otherSite(stand.active);
      await stand.sites[down].server.kill();
      await using maker = stand.collector("maker", { batches: "none" });
      await assert.rejects(
        () => maker.start(),
        /failed to start "clickhouse\/primary" exporter: create database/,
      );
      await using starter = stand.collector("starter", { batches: "none", createsTables: false });
      await starter.start();
      const logs = twoHoursOf("nameless", daysAgo(4), 700).filter(({ kind }) => kind === "log");
      await stand.send(logs, [starter]);
      await stand.sites[down].restart();
      await stand.drained("nameless", [starter]);
      const check = await stand.check();
      assertCheck(check, [3, false, 0]);
      assert.match(check.said, /otel_logs partition \d+: independent/);
      assert.equal((await stand.account("nameless")).once, 100);
    },
  );

  await step("every event is accounted for", async () => {
    assert.deepEqual(stand.wrong, []);
    const all = await stand.account();
    const repeated = all.events - all.once - all.nowhere;
    assert.deepEqual(all.onlyAt, { primary: 0, dr: 0 });
    assert.equal(
      all.nowhere,
      (await stand.account("killed")).nowhere,
      "only a collector that was killed has lost events",
    );
    let known = 0;
    for (const phase of ["again", "killed", "too early", "first look"]) {
      const { events, once, nowhere } = await stand.account(phase);
      known += events - once - nowhere;
    }
    assert.equal(repeated, known, "only retries, and what the docs warn of, doubled events");
    figures.push(
      `${all.events} events: ${all.once} once at each site; ${repeated} more than once, by retries or by a repair before a ` +
        `queue; ${all.nowhere} lost by a collector that was killed; 0 missing at one site; 0 doubled by a check; 0 times ` +
        `READY while rows were missing at ${otherSite(stand.active)}`,
    );
    onStderr().say(`\n${figures.map((figure) => `  ${figure}`).join("\n")}`);
  });
}
