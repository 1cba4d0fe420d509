/** `--doctor` as a new operator runs it, against two real servers and a real name server. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { grantLines } from "../support/sites/granted_users.ts";
import { everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startReplicatedSites } from "../support/sites/replicated_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("the doctor", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await using dns = await startDnsServer({ kind: "addresses", ips: ["192.0.2.1"] });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 100);
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, primary),
    ACTIVE_SITE: "auto",
    DNS_SERVER: dns.address,
    NOTIFY_WEBHOOK: "http://127.0.0.1:9/canary-webhook",
  });
  const examine = async (more: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await chSync.run(["--doctor"], more);
    for (const secret of [dr.writer.password, primary.reader.password, "canary"]) {
      assert.ok(!(stdout + stderr).includes(secret), "a secret is shown");
    }
    return { code, stdout };
  };

  await t.step("everything that matters holds: 0, and nothing is changed or left behind", async () => {
    const before = [await everything(primary), await everything(dr)];
    const { code, stdout } = await examine();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^ok {7}name server 127\.0\.0\.1: clickhouse\.example names the primary site/m);
    assert.match(stdout, /^ok {7}native protocol: the local server reads the remote one/m);
    assert.match(stdout, /^ok {7}tables: 1 at both sites, 1 /m);
    assert.match(stdout, /ch-sync can work$/m);
    assert.deepEqual([await everything(primary), await everything(dr)], before);
    assert.deepEqual([...Deno.readDirSync(chSync.directory)], [], "no state, no lock");
  });

  await t.step("--json prints the same", async () => {
    const { stdout, code } = await chSync.run(["--doctor", "--json"]);
    const { healthy, examinations } = JSON.parse(stdout);
    assert.deepEqual([code, healthy], [0, true]);
    assert.ok(examinations.length > 8);
    for (const one of examinations) {
      assert.deepEqual(Object.keys(one), ["grade", "subject", "detail", "remedy"]);
    }
  });

  await t.step("a site that is down, a wrong password, a closed native port, a foreign address", async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [
        { REMOTE_CH_URL: "http://127.0.0.1:1" },
        /^failed {3}remote ClickHouse: http:\/\/127\.0\.0\.1:1 does not answer/m,
      ],
      [
        { LOCAL_CH_PASSWORD: "wrong" },
        /^failed {3}local ClickHouse: .*code 516\) \(local site\)\n {9}-> .*LOCAL_CH_/m,
      ],
      [
        { REMOTE_CH_PORT: "1" },
        /^failed {3}native protocol: the local server cannot read the remote one through 127.*\n {9}-> .*REMOTE_CH_PORT/m,
      ],
      [{ PRIMARY_IP: "198.51.100.1" }, /^failed {3}name server .* is 192\.0\.2\.1, which is neither/m],
      [
        { REMOTE_CH_URL: dr.url.replace("127.0.0.1", "localhost") },
        /^failed {3}(the pair of servers|remote)/m,
      ],
    ];
    for (const [more, line] of cases) {
      const { code, stdout } = await examine(more);
      assert.equal(code, 1, stdout);
      assert.match(stdout, line);
      assert.match(stdout, /ch-sync cannot work until what failed is fixed$/m);
    }
  });

  await t.step("tables that a check would refuse, and ones that it finds slow", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.whole (v UInt8) ENGINE = MergeTree ORDER BY v",
      "CREATE TABLE d.hourly (ts DateTime) ENGINE = MergeTree PARTITION BY toStartOfHour(ts) ORDER BY ts",
      telemetryTable("d.drifted"),
    );
    await primary.query("ALTER TABLE d.drifted ADD COLUMN more String");
    await primary.query(telemetryTable("d.fresh"));
    const { code, stdout } = await examine();
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^failed {3}table d\.drifted: drifted: column more is missing here.*\n {9}-> here: ALTER TABLE/m,
    );
    assert.match(stdout, /^warning {2}table d\.whole: it has no partition key/m);
    assert.match(stdout, /^warning {2}table d\.hourly: its partitions are small/m);
    assert.match(stdout, /^warning {2}table d\.fresh: new: /m);
    await onBoth(sites, "DROP TABLE d.drifted", "DROP TABLE d.whole", "DROP TABLE d.hourly");
    await primary.query("DROP TABLE d.fresh");
  });
});

Deno.test("the doctor asks for the right to delete rows only where something is replaced, table by table", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await onBoth(
    sites,
    "CREATE DATABASE d",
    telemetryTable("d.t"),
    telemetryTable("d.sums", "SummingMergeTree"),
  );
  await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
  const examine = async (more: Record<string, string>) => (await chSync.run(["--doctor"], more)).stdout;
  assert.doesNotMatch(await examine({}), /ALTER DELETE/);
  assert.match(
    await examine({ REPAIR_AGGREGATES: "replace" }),
    /has no ALTER DELETE ON d\.sums\n +-> run at the local site: GRANT ALTER DELETE ON d\.sums TO chsync_writer\n/,
  );
});

/** Rights that only Replicated tables need. */
const OF_REPLICAS = /system\.(?:replicas|replication_queue|detached_parts|clusters) |ReplicatedMergeTree/;

Deno.test("the doctor names the rights that Replicated tables need, where there are any at that site", async () => {
  const without = grantLines().filter((right) => OF_REPLICAS.test(right));
  await using sites = await startReplicatedSites({
    replicas: 1,
    leastPrivilege: { databases: ["d"], without },
  });
  const { primary, dr } = sites.first;
  await onBoth(sites.first, "CREATE DATABASE d");
  await dr.query(telemetryTable("d.t"));
  await primary.query(telemetryTable("d.t", "ReplicatedMergeTree('/t', '{replica}')"));
  await using chSync = await installChSync(environmentOf("dr", dr, primary));
  const { stdout } = await chSync.run(["--doctor"]);
  for (const right of without) {
    const [what = "", user] = right.split(" TO ");
    if (user === "chsync_reader") {
      assert.ok(stdout.includes(`GRANT ${what} TO chsync_reader`), `${right}\n${stdout}`);
    }
    assert.ok(!stdout.includes(`GRANT ${what} TO chsync_writer`), `${right}\n${stdout}`);
  }
});

/** A right that only tables of this engine need. */
const OF_STATES = /VersionedCollapsingMergeTree/;

Deno.test("the doctor names the engine of staging tables that is not granted, where there are such tables", async () => {
  const without = grantLines().filter((right) => OF_STATES.test(right));
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"], without } });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
  const asked = async () => (await chSync.run(["--doctor"])).stdout;
  assert.doesNotMatch(await asked(), OF_STATES);
  const states = "VersionedCollapsingMergeTree(sign, v)";
  await onBoth(sites, `CREATE TABLE d.states (k UInt32, sign Int8, v UInt8) ENGINE = ${states} ORDER BY k`);
  assert.match(await asked(), /GRANT TABLE ENGINE ON VersionedCollapsingMergeTree TO chsync_writer/);
});

Deno.test("the doctor names each right that is missing, as the statement that grants it", async () => {
  const rights = grantLines();
  // All of a kind at a time: a server start for each right would take minutes.
  const data = new Set(rights.filter((right) => right.includes("otel.")));
  for (
    const without of [
      [...data],
      rights.filter((right) =>
        !data.has(right) && !/parts |READ ON/.test(right) &&
        ![OF_REPLICAS, OF_STATES].some((some) => some.test(right))
      ),
    ]
  ) {
    await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"], without } });
    await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
    await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
    const { code, stdout } = await chSync.run(["--doctor"]);
    assert.equal(code, 1, stdout);
    for (const right of without) {
      // Without SELECT a table is not seen, so the rights on its database cannot be asked for.
      if (right.includes("otel.") && !stdout.includes("d.*")) {
        assert.match(stdout, /no table is seen at both sites.*\n.*grant SELECT on them/);
      } else {
        assert.ok(
          stdout.includes(`GRANT ${right.replace("otel.", "d.").replace(/ TO .*/, "")} TO `),
          `${right}\n${stdout}`,
        );
      }
    }
  }
});

Deno.test("the doctor names the address at which a right is missing, though no check reads it now", async () => {
  const lacking = [
    ["local", "INSERT ON d.*", "chsync_writer"],
    ["remote", "SELECT ON system.mutations", "chsync_reader"],
  ] as const;
  await using sites = await startReplicatedSites({
    leastPrivilege: { databases: ["d"] },
    secondWithout: ["INSERT ON otel.* TO chsync_writer", "SELECT ON system.mutations TO chsync_reader"],
  });
  const { primary, dr } = sites;
  for (const site of [primary, dr]) {
    await site.everywhere("CREATE DATABASE d");
    await site.everywhere(telemetryTable("d.t", "ReplicatedMergeTree('/t', '{replica}')"));
  }
  const { replicas: [here, otherHere] } = dr;
  const { replicas: [there, otherThere] } = primary;
  await using chSync = await installChSync({
    ...environmentOf("dr", here!, there!),
    LOCAL_CH_URL: `${here!.url}|${otherHere!.url}`,
    REMOTE_CH_URL: `${there!.url}|${otherThere!.url}`,
    REMOTE_CH_HOST: `127.0.0.1:${there!.tcpPort}|127.0.0.1:${otherThere!.tcpPort}`,
  });
  const { code, stdout } = await chSync.run(["--doctor"]);
  assert.equal(code, 1, stdout);
  for (const [site, right, user] of lacking) {
    const [good, bad] = site === "local" ? [here!, otherHere!] : [there!, otherThere!];
    const subject = (url: string) => `rights of ${user} at the ${site} site (${url}): `;
    assert.ok(stdout.includes(subject(good.url)), stdout);
    assert.ok(!stdout.includes(`${subject(good.url)}has no ${right}`), stdout);
    assert.ok(stdout.includes(`${subject(bad.url)}has no ${right}\n`), stdout);
    assert.ok(stdout.includes(`run at ${bad.url}: GRANT ${right} TO ${user}`), stdout);
  }
});
