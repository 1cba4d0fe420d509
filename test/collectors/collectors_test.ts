/** Real OpenTelemetry collectors write to both sites, with queues on disk; a ledger knows where every event is, and why. */
import assert from "node:assert/strict";
import { otherSite } from "../../src/model/site.ts";
import { until } from "../support/program/endings.ts";
import { onStderr } from "../support/sites/fetch_progress.ts";
import { builtCollector } from "./build.ts";
import { twoHoursOf } from "./generator.ts";
import { startStand } from "./stand.ts";

const program = await builtCollector();
if (program === null) {
  onStderr().say("No OpenTelemetry collector is built here: `deno task test:collectors` builds it");
} else {
  Deno.test("collectors write to both sites: every event is once at each in the end, or it is known why not", async (t) => {
    await scenarios(program, t);
  });
}

/** Each scenario has a day of its own: what one leaves does not hold up the next. */
const today = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), new Date().getUTCDate());
const daysAgo = (days: number) => today - days * 86_400_000 + 10 * 3600_000;

async function scenarios(program: string, t: Deno.TestContext): Promise<void> {
  await using stand = await startStand(program);
  const { collectors, collectors: [a, b], sites, links, ledger } = stand;
  const began = performance.now();
  const figures: string[] = [];
  const say = (text: string) =>
    onStderr().say(`${text} (${Math.round((performance.now() - began) / 1000)} s)`);

  await t.step("dual write in peace, into tables that the exporters of both make at once", async () => {
    await Promise.all(collectors.map((collector) => collector.start()));
    await stand.send(twoHoursOf("peace", daysAgo(12), 700));
    await stand.drained("peace");
    const { code, ready, said } = await stand.check();
    assert.deepEqual([code, ready], [0, true], said);
    assert.deepEqual((await stand.account("peace")).once, 700);
    say("peace: 700 of 700 once at each site");
  });

  for (const [phase, site, days] of [["retried-there", "primary", 11], ["retried-here", "dr", 10]] as const) {
    await t.step(`answers come too late at ${site}, so the collectors write rows again`, async () => {
      // Slower than the exporters wait: the rows arrive, and the answer does not.
      links[site].delayMs = 1200;
      await stand.send(twoHoursOf(phase, daysAgo(days), 70), [a]);
      await until(
        "a row that is doubled",
        async () => [...(await stand.held(site, phase)).values()].some((times) => times > 1),
      );
      links[site].delayMs = 0;
      await stand.drained(phase);
      const before = await stand.account(phase);
      const { code, ready, said, copied } = await stand.check();
      assert.deepEqual([code, ready], [0, true], said);
      const after = await stand.account(phase);
      say(`${phase}: ${count(before)} ${count(after)} copied ${copied}`);
    });
  }

  await t.step("a collector is killed in mid-batch", async () => {
    links.primary.delayMs = links.dr.delayMs = 100;
    const sending = stand.send(twoHoursOf("killed", daysAgo(9), 1400), [b]).catch((e) => say(String(e)));
    await until("a batch at a site", async () => (await stand.held("primary", "killed")).size > 0);
    await b.kill();
    await sending;
    links.primary.delayMs = links.dr.delayMs = 0;
    const atKill = await stand.account("killed");
    await b.start();
    await stand.drained("killed");
    const before = await stand.account("killed");
    const { code, ready, said, copied } = await stand.check();
    const after = await stand.account("killed");
    say(`killed: ${count(atKill)} ${count(before)} ${count(after)} ${code} ${ready} copied ${copied}`);
    assert.deepEqual([code, ready], [0, true], said);
  });

  const outage = async (phase: string, from: number, events: number) => {
    const down = otherSite(stand.active);
    await sites[down].server.kill();
    await stand.send(twoHoursOf(phase, from, events));
    await until(
      "all at the active site",
      async () => (await stand.held(stand.active, phase)).size === events,
    );
    await Promise.all(collectors.map((collector) => collector.stop()));
    await sites[down].restart();
    assert.equal((await stand.held(down, phase)).size, 0);
  };

  await t.step(
    "DR is down for two hours, and the queues drain before, during and after a check",
    async () => {
      await outage("outage", daysAgo(8), 1400);
      await stand.chSync.dr.run(["pause", "--reason", "collectors drain their queues"]);
      const paused = await stand.check();
      say(`outage, paused, nothing flows: ${paused.code} ${paused.ready} copied ${paused.copied}`);
      await stand.chSync.dr.run(["resume"]);
      await a.start();
      await stand.drained("outage", [a]);
      const half = await stand.check();
      say(`outage, half came: ${half.code} ${half.ready} copied ${half.copied}`);
      links.dr.delayMs = 150;
      await b.start();
      while (await b.queued("dr") > 0) {
        const flowing = await stand.check();
        say(
          `outage, flowing: ${flowing.code} ${flowing.ready} copied ${flowing.copied}, still ${await b.queued(
            "dr",
          )} requests`,
        );
      }
      links.dr.delayMs = 0;
      await stand.drained("outage");
      const { code, ready, copied } = await stand.check();
      say(`outage, after: ${code} ${ready} copied ${copied} ${count(await stand.account("outage"))}`);
    },
  );

  await t.step("the roles flip", async () => {
    stand.flip();
    const { code, ready, copied } = await stand.check();
    say(`flip: ${code} ${ready} copied ${copied} ${count(await stand.account(""))}`);
  });

  await t.step("the first check while queues flow", async () => {
    await outage("flowing", daysAgo(7), 1400);
    links.primary.delayMs = 200;
    await Promise.all(collectors.map((collector) => collector.start()));
    await until("a first batch", async () => (await stand.held("primary", "flowing")).size > 0);
    const { code, ready, copied } = await stand.check();
    say(
      `flowing, first look: ${code} ${ready} copied ${copied}, still ${await b.queued("primary")} requests`,
    );
    links.primary.delayMs = 0;
    await stand.drained("flowing");
    say(`flowing: ${count(await stand.account("flowing"))}`);
  });

  await t.step("the limit", async () => {
    await outage("limit", daysAgo(6), 140);
    const { code, ready, copied } = await stand.check();
    say(`limit: ${code} ${ready} copied ${copied}`);
    await Promise.all(collectors.map((collector) => collector.start()));
    await stand.drained("limit");
    say(`limit: ${count(await stand.account("limit"))}`);
  });
  await t.step("a settle window longer than the queue", async () => {
    const from = Date.now() - 3 * 3600_000;
    await outage("window", from, 140);
    const { code, ready, copied } = await stand.check({ SETTLE_SECONDS: "14400" });
    say(`window: ${code} ${ready} copied ${copied}`);
    await Promise.all(collectors.map((collector) => collector.start()));
    await stand.drained("window");
    const after = await stand.check();
    say(
      `window: ${after.code} ${after.ready} copied ${after.copied} ${count(await stand.account("window"))}`,
    );
  });
  say(`all: ${count(await stand.account(""))}`);
  assert.deepEqual(stand.wrong, []);
  onStderr().say(figures.join("\n"));
}

function count(a: any) {
  return JSON.stringify({
    once: a.once,
    nowhere: a.nowhere.length,
    onlyAt: [a.onlyAt.primary.length, a.onlyAt.dr.length],
    doubled: [a.doubledAt.primary.length, a.doubledAt.dr.length],
  });
}
