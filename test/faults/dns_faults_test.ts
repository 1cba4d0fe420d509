/** Name servers that are silent, fail, flap, or change their mind in the middle of a check. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { type DnsAnswer, startDnsServer } from "../support/receivers/dns_server.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const PRIMARY: DnsAnswer = { kind: "addresses", ips: ["192.0.2.1"] };
const DR: DnsAnswer = { kind: "addresses", ips: ["192.0.2.2"] };
const BOTH: DnsAnswer = { kind: "addresses", ips: ["192.0.2.1", "192.0.2.2"] };
const UNKNOWN = /^\[WARN\] Could not determine active site from DNS$/m;

interface Weather {
  readonly what: string;
  readonly decide: (question: number) => DnsAnswer;
  readonly code: number;
  readonly says: RegExp;
}

/** The first question of a check is that for its role, the second one comes right before it writes. */
const WEATHERS: readonly Weather[] = [
  { what: "silence", decide: () => ({ kind: "silence" }), code: 1, says: UNKNOWN },
  { what: "SERVFAIL", decide: () => ({ kind: "failure", code: "SERVFAIL" }), code: 1, says: UNKNOWN },
  { what: "both sites active", decide: () => BOTH, code: 1, says: UNKNOWN },
  {
    what: "the role changes in the middle of the check",
    decide: (question) => question === 0 ? PRIMARY : DR,
    code: 1,
    says: /failed: the active site is dr now, so nothing is written here/,
  },
  {
    what: "the name server falls silent in the middle of the check",
    decide: (question) => question === 0 ? PRIMARY : { kind: "silence" },
    code: 1,
    says: /failed: the active site is unknown now, so nothing is written here/,
  },
  {
    what: "both sites become active in the middle of the check",
    decide: (question) => question === 0 ? PRIMARY : BOTH,
    code: 1,
    says: /failed: the active site is unknown now, so nothing is written here/,
  },
  {
    what: "flapping, and this site is the active one at the moment",
    decide: (question) => question % 2 === 0 ? DR : PRIMARY,
    code: 0,
    says: /Active site: dr \(we are: dr\)/,
  },
];

Deno.test("nothing is written unless the name server says so right before", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(primary, "d.t", "2026-01-01", 1000);
  await using dns = await startDnsServer(PRIMARY);
  const environment = { ...environmentOf("dr", dr, primary), ACTIVE_SITE: "auto", DNS_SERVER: dns.address };
  await using chSync = await installChSync(environment);

  for (const { what, decide, code, says } of WEATHERS) {
    await t.step(what, async () => {
      const first = dns.questions();
      dns.decide = (question) => decide(question - first);
      const finished = await chSync.run(["--once"]);
      assert.match(finished.stderr, says);
      assert.equal(finished.code, code, finished.stderr);
      assert.equal(await dr.query("SELECT count() FROM d.t"), "0\n");
      assert.equal((await chSync.state())!.failback_ready, false);
    });
  }

  await t.step("an address of neither site is named in log, report and state", async () => {
    dns.decide = () => ({ kind: "addresses", ips: ["203.0.113.9"] });
    const { code, stdout, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 1);
    assert.match(stderr, /^\[WARN\] DNS returned unexpected IP: 203\.0\.113\.9$/m);
    assert.match(stdout, /203\.0\.113\.9.*PRIMARY_IP.*DR_IP/);
    assert.match(String((await chSync.state())!["last_error"]), /203\.0\.113\.9/);
  });

  await t.step("a chain of aliases that leads to the active site", async () => {
    dns.decide = () => ({
      kind: "cname",
      chain: ["a.example", "b.example", "c.example"],
      ips: ["192.0.2.1"],
    });
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
  });
});
