/** What a user's profile says, setting by setting: nobody's may change what a statement of ch-sync means. */
import assert from "node:assert/strict";
import { EXACT } from "../../../src/clickhouse/http/exact_settings.ts";
import { ADDS_PARTS, BOUNDED, EXACT_INSERT } from "../../../src/clickhouse/http/statement_settings.ts";
import { DROP_ANY_SIZE, remoteOptions } from "../../../src/clickhouse/sql/remote_options.ts";
import { settingsClause } from "../../../src/clickhouse/sql/settings_clause.ts";
import { untakenSettings } from "../../../src/clickhouse/sql/taken_settings.ts";
import { feedOptions } from "../../../src/clickhouse/repair/feed_views.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { hostileValue } from "../../support/data/hostile_values.ts";
import { judged, LEFT_AS_THEY_ARE } from "../../support/data/judged_settings.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";
import { content, onBoth, telemetryTable } from "../../support/data/telemetry.ts";

/** Every setting that goes with some statement. */
const SENT = {
  ...EXACT,
  ...EXACT_INSERT,
  ...BOUNDED,
  ...ADDS_PARTS,
  ...DROP_ANY_SIZE.settings,
  ...feedOptions("").settings,
  ...remoteOptions({
    connectTimeoutMs: 1000,
    maxInsertThreads: 1,
    remoteCompression: "lz4",
    maxBytesPerSecond: 1,
  }).settings,
};

interface Setting {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

const SETTINGS = "SELECT name, type, toString(value) AS value FROM system.settings " +
  "WHERE alias_for = '' AND tier != 'Obsolete'";

Deno.test("every setting of the server is pinned, or left as it is for a reason", async () => {
  await using one = await startOneSite();
  const names = (await one.site.rows<Setting>(SETTINGS)).map(({ name }) => name);
  const unjudged = names.filter((name) => !(name in SENT) && judged(name) === null);
  assert.deepEqual(
    unjudged,
    [],
    "new settings: pin them in exact_settings.ts, or say in judged_settings.ts why not",
  );
  const listed = LEFT_AS_THEY_ARE.flatMap(({ names }) => names.split(/\s+/).filter(Boolean));
  assert.deepEqual(
    listed.filter((name) => name in EXACT || name in EXACT_INSERT),
    [],
    "pinned and left as they are",
  );
  assert.deepEqual(listed.filter((name, at) => listed.indexOf(name) !== at), [], "judged twice");
  const known = new Set(names);
  assert.deepEqual(
    Object.keys(SENT).filter((name) => !known.has(name)),
    [],
    "sent, and unknown to the server",
  );
});

const P100 =
  "INSERT INTO d.t SELECT toDateTime64('2026-01-01', 3, 'UTC') + number % 86400, 's', 200, number, map() " +
  "FROM numbers(100000)";

Deno.test("the other site's profile", async (t) => {
  const pinned: Setting[] = [];
  {
    await using one = await startOneSite();
    const known = await one.site.rows<Setting>(SETTINGS);
    pinned.push(...known.filter(({ name }) => name in EXACT));
  }
  const hostile = pinned.flatMap((setting) => {
    const value = hostileValue(setting);
    return value === null ? [] : [[setting.name, value] as const];
  });
  const cut = { max_rows_to_read: 1000, read_overflow_mode: "break" };
  const grants = ["SELECT ON d.*", "SELECT ON system.*"];
  const other = (profile: Record<string, unknown>) =>
    ({ password: "pw", grants, readonly: 2, profile }) as const;
  await using sites = await startTwoSites({
    users: {
      everything: other(Object.fromEntries(hostile)),
      cut: other(cut),
      fast: other({ ...cut, constraints: { read_overflow_mode: { const: "" } } }),
      bounded: other({ max_columns_to_read: 100, constraints: { max_columns_to_read: { min: "50" } } }),
      reads: { ...other({ readonly: 1, ...cut }), readonly: undefined } as never,
    },
  });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await primary.query(P100);
  const as = (user: string): Site => ({ ...primary, reader: { url: primary.url, user, password: "pw" } });
  const check = (user: string) => checkSites({ ...sites, primary: as(user) });

  await t.step(`each of ${hostile.length} settings reaches the other server as it is sent`, async () => {
    assert.ok(hostile.length > 60, "most pinned settings have a value that a profile should not have");
    const address = { host: primary.host, port: primary.tcpPort, secure: false };
    const credentials = { user: "everything", password: "pw" };
    const statement = untakenSettings({ address, credentials, collection: null });
    assert.equal(await dr.query(statement + settingsClause(EXACT)), "");
  });

  await t.step("one that says otherwise in every setting changes nothing", async () => {
    assert.deepEqual(reasonsOf(await check("everything")), { "d.t 20260101": "missing, repaired" });
    assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
    assert.deepEqual(reasonsOf(await check("everything")), {});
  });

  await t.step("a limit that would cut reads off in silence refuses them by name", async () => {
    await dr.query("TRUNCATE TABLE d.t");
    const [found] = findingsOf(await check("cut"));
    assert.equal(found?.reason, "failed");
    assert.match(found.detail, /'max_rows_to_read'/);
    assert.equal(await dr.query("SELECT count() FROM d.t"), "0\n");
  });

  for (const user of ["fast", "bounded", "reads"]) {
    await t.step(`one that holds settings fast is refused by name: ${user}`, async () => {
      await dr.query("TRUNCATE TABLE d.t");
      const report = await check(user);
      const said = [report.error, ...findingsOf(report).map(({ detail }) => detail)].join("\n");
      assert.match(said, /overflow_mode|max_columns_to_read|readonly/);
      assert.equal(await dr.query("SELECT count() FROM d.t"), "0\n");
      assert.equal(await dr.query("SELECT count() FROM system.tables WHERE name LIKE '\\\\_chsync%'"), "0\n");
    });
  }

  await t.step("also where only a named collection on this server knows the user", async () => {
    for (const user of ["fast", "bounded", "everything"]) {
      await dr.query(
        `CREATE NAMED COLLECTION of_${user} AS host = '${primary.host}', port = ${primary.tcpPort}, user = '${user}', password = 'pw'`,
      );
    }
    const by = (user: string) => checkSites(sites, { settings: { remoteCollection: `of_${user}` } });
    for (const user of ["fast", "bounded"]) {
      const { outcome, error } = await by(user);
      assert.deepEqual([
        outcome,
        /holds settings fast: .*(read_overflow_mode|max_columns_to_read)/.test(error!),
      ], ["failed", true]);
      assert.equal(await dr.query("SELECT count() FROM d.t"), "0\n");
    }
    assert.deepEqual(reasonsOf(await by("everything")), { "d.t 20260101": "missing, repaired" });
  });
});
