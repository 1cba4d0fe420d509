/** Both addresses of the other site lead to one server, and to the same one, or nothing is read or written. */
import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { findHttpProblem, findNativeProblem, findTwice } from "../../../src/check/open/one_server.ts";
import type { SiteReplicas } from "../../../src/model/replica_pick.ts";
import type { LeadsTo, ServerFacts } from "../../../src/model/site.ts";
import { startBalancer } from "../../support/links/balancer.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import type { Settings } from "../../../src/model/settings.ts";
import { freePort } from "../../support/sites/free_port.ts";
import { grantedUsers } from "../../support/sites/granted_users.ts";
import { settingsOf } from "../../support/sites/settings.ts";
import { type Site, startSite, startTwoSites } from "../../support/sites/two_sites.ts";
import { everything, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { pickedSite } from "../../support/data/picked_site.ts";

const facts = (runs: readonly string[], identity = "host"): ServerFacts => ({
  now: 0,
  settledBeforeDay: 0,
  timezone: "UTC",
  version: "26.7",
  cores: 2,
  identity,
  runs,
});

Deno.test("only one run of another server is believed, and only a road that always leads to it", () => {
  const settings = settingsOf();
  const answers = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(answers, answers, (local, remote) => {
      const problem = findHttpProblem(facts(local), facts(remote), settings);
      const one = (runs: readonly string[]) => runs.every((run) => run === runs[0]);
      assert.equal(problem === null, one(local) && one(remote) && local[0] !== remote[0]);
      assert.equal(problem?.includes(settings.local.url) ?? false, !one(local));
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<LeadsTo>("remote", "local", "neither"), { maxLength: 4 }),
      (leads) => {
        const problem = findNativeProblem(leads, settings);
        assert.equal(problem === null, leads.length > 0 && leads.every((one) => one === "remote"));
      },
    ),
  );
});

Deno.test("among the addresses of both sites no server may be there twice", () => {
  const settings = settingsOf();
  const runs = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1, maxLength: 3 });
  const replicas = (runs: readonly string[]): SiteReplicas | null =>
    runs.length === 1 ? null : pickedSite("http://first", {
      servers: runs.map((run, at) => ({
        url: `http://${run}${at}`,
        version: "",
        now: 0,
        run,
        identity: "host",
        byTurns: false,
      })),
    });
  fc.assert(
    fc.property(runs, runs, (local, remote) => {
      const both = { here: facts([local[0]!]), there: facts([remote[0]!]) };
      const problem = findTwice(
        { local: replicas(local), remote: replicas(remote), shards: [], localShards: [] },
        both,
        settings,
      );
      assert.equal(problem === null, new Set([...local, ...remote]).size === local.length + remote.length);
    }),
  );
});

Deno.test("where an address leads elsewhere, no table is looked at, and nothing is changed", async (t) => {
  const leastPrivilege = { databases: ["d"] };
  // Somebody whom both sites let in, so that it takes more than a password to tell them apart.
  const twin = { ...grantedUsers(leastPrivilege, "").chsync_reader!, password: "canary-twin" };
  await using sites = await startTwoSites({ leastPrivilege, users: { twin } });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(primary, "d.t", "2026-01-01", 100);
  await load(dr, "d.t", "2026-01-01", 100, "number % 2");
  // A server with the disks of the active site, users and all, as they were copied.
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-copied-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  await primary.server.stop();
  await new Deno.Command("cp", { args: ["-r", primary.path, `${directory}/copy`] }).output();
  await primary.restart();
  const copy = await startSite(`${directory}/copy`, "canary-primary-pw", { leastPrivilege, users: { twin } });
  stack.defer(() => copy.server.stop());
  const httpPort = ({ url }: Site) => Number(new URL(url).port);
  const native = (port: number) => ({ remoteNative: { host: "127.0.0.1", port, secure: false } });
  const asTwin = ({ url }: { readonly url: string }) => ({ url, user: "twin", password: twin.password });
  const before = await everything(dr);

  async function refused(
    settings: Partial<Settings>,
    says: RegExp,
  ) {
    let looked = 0;
    const report = await checkSites(sites, {
      settings: { remote: asTwin(primary), ...settings },
      observer: { tablesFound: () => looked++ },
    });
    assert.deepEqual(
      [report.outcome, report.tables, looked],
      ["failed", [], 0],
      JSON.stringify(report.error),
    );
    assert.match(report.error ?? "", says);
    assert.equal(await everything(dr), before);
  }

  await t.step("the native address leads back to this site's server", async () => {
    await refused(native(dr.tcpPort), /back to the local ClickHouse server.*REMOTE_CH_PORT/);
    await using tunnel = startBalancer([dr.tcpPort]);
    await refused(native(tunnel.port), /back to the local ClickHouse server.*REMOTE_CH_PORT/);
  });
  await t.step("it leads to a server with a copy of the other one's disks", async () => {
    await refused(native(copy.tcpPort), /leads to another ClickHouse server than REMOTE_CH_URL/);
  });
  await t.step("it is closed", async () => {
    await refused(native(freePort()), /cannot (reach|read).*REMOTE_CH_PORT/);
  });
  await t.step("several servers stand behind it", async () => {
    await using both = startBalancer([primary.tcpPort, copy.tcpPort]);
    await refused(native(both.port), /several ClickHouse servers by turns/);
    assert.ok(both.connections >= 3);
  });
  await t.step("several servers stand behind an HTTP address", async () => {
    await using there = startBalancer([httpPort(primary), httpPort(copy)]);
    await refused({ remote: asTwin(there) }, /REMOTE_CH_URL .* by turns/);
    await using here = startBalancer([httpPort(dr), httpPort(copy)]);
    await refused({ local: asTwin(here) }, /LOCAL_CH_URL .* by turns/);
  });
  await t.step("both lead to the same server", async () => {
    await refused(
      { remote: asTwin(dr), ...native(dr.tcpPort) },
      /the same ClickHouse server/,
    );
  });
  await t.step("relays to the right one are as good as itself", async () => {
    await using http = startBalancer([httpPort(primary)]);
    await using road = startBalancer([primary.tcpPort]);
    const remote = asTwin(http);
    const report = await checkSites(sites, { settings: { remote, ...native(road.port) } });
    assert.equal(report.outcome, "completed", report.error ?? "");
    assert.equal(await dr.query("SELECT count() FROM d.t"), "100\n");
  });
});
