/** Against a real name server on loopback. */
import assert from "node:assert/strict";
import { resolveRole } from "../../src/dns/resolve_role.ts";
import type { DnsSettings } from "../../src/model/settings.ts";
import type { ActiveSite } from "../../src/model/site.ts";
import { type DnsAnswer, type DnsServer, startDnsServer } from "../support/receivers/dns_server.ts";

const RECORD = "clickhouse.example";
const SILENCE = `no name server answered for ${RECORD} in time`;
const NOTHING = `${RECORD} has no address, or its name server failed`;

function ask(server: Pick<DnsServer, "port">, dns: Partial<DnsSettings> = {}, timeoutMs?: number) {
  const settings = {
    activeSite: "unknown" as ActiveSite,
    dns: {
      record: RECORD,
      primaryIp: "192.0.2.1",
      drIp: "192.0.2.2",
      server: { host: "127.0.0.1", port: server.port },
      ...dns,
    },
  };
  return resolveRole(settings, timeoutMs);
}

async function answerTo(answer: DnsAnswer, dns: Partial<DnsSettings> = {}) {
  await using server = await startDnsServer(answer);
  return await ask(server, dns);
}

Deno.test("resolveRole() finds the site that the record names", async () => {
  const expected = { unexpected: [], problem: null };
  assert.deepEqual(await answerTo({ kind: "addresses", ips: ["192.0.2.1"] }), {
    active: "primary",
    ...expected,
  });
  assert.deepEqual(await answerTo({ kind: "addresses", ips: ["192.0.2.2"] }), { active: "dr", ...expected });
});

Deno.test("resolveRole() follows aliases", async () => {
  const chain = ["active.example", "site.example"];
  assert.equal((await answerTo({ kind: "cname", chain, ips: ["192.0.2.2"] })).active, "dr");
});

Deno.test("resolveRole() says so when the record names both sites", async () => {
  assert.deepEqual(await answerTo({ kind: "addresses", ips: ["192.0.2.1", "192.0.2.2"] }), {
    active: "unknown",
    unexpected: [],
    problem: `${RECORD} names both sites`,
  });
});

Deno.test("resolveRole() hands on foreign addresses", async () => {
  const unexpected = ["203.0.113.9"];
  assert.deepEqual(await answerTo({ kind: "addresses", ips: ["203.0.113.9"] }), {
    active: "unknown",
    unexpected,
    problem: null,
  });
  assert.deepEqual(await answerTo({ kind: "addresses", ips: ["192.0.2.2", "203.0.113.9"] }), {
    active: "dr",
    unexpected,
    problem: null,
  });
});

for (
  const [name, answer] of Object.entries<DnsAnswer>({
    "no address": { kind: "addresses", ips: [] },
    "an alias of nothing": { kind: "cname", chain: ["nowhere.example"], ips: [] },
    "addresses of the other kind only": { kind: "addresses", ips: ["2001:db8::1"] },
    "NXDOMAIN": { kind: "failure", code: "NXDOMAIN" },
    "SERVFAIL": { kind: "failure", code: "SERVFAIL" },
  })
) {
  Deno.test(`resolveRole() does not know the active site after ${name}`, async () => {
    assert.deepEqual(await answerTo(answer), { active: "unknown", unexpected: [], problem: NOTHING });
  });
}

Deno.test("resolveRole() asks for AAAA where the sites have IPv6 addresses, in any spelling", async () => {
  const answer: DnsAnswer = { kind: "addresses", ips: ["192.0.2.1", "2001:db8::2"] };
  const sites = { primaryIp: "2001:db8::1", drIp: "2001:DB8:0:0:0:0:0:2" };
  assert.deepEqual(await answerTo(answer, sites), { active: "dr", unexpected: [], problem: null });
});

Deno.test("resolveRole() gives up on a silent name server when its time is over", async () => {
  await using server = await startDnsServer({ kind: "silence" });
  const role = await ask(server, {}, 300);
  assert.deepEqual(role, {
    active: "unknown",
    unexpected: [],
    problem: SILENCE,
  });
});

Deno.test("resolveRole() waits at most three seconds for a silent name server by itself", async () => {
  await using server = await startDnsServer({ kind: "silence" });
  const started = performance.now();
  assert.equal((await ask(server)).problem, SILENCE);
  const took = performance.now() - started;
  assert.ok(took < 20_000, `it took ${took} ms`);
  assert.ok(server.questions() > 1, "a packet may get lost");
});

Deno.test("resolveRole() does not know the active site where no name server listens", async () => {
  const { port } = await (async () => {
    await using gone = await startDnsServer({ kind: "silence" });
    return { port: gone.port };
  })();
  const { active, problem } = await ask({ port }, {}, 300);
  assert.equal(active, "unknown");
  assert.ok(problem);
});

Deno.test("resolveRole() has a problem with a name that is none, and does not throw", async () => {
  await using server = await startDnsServer({ kind: "silence" });
  for (const record of ["a..b", "x".repeat(64), ""]) {
    const { active, problem } = await ask(server, { record }, 300);
    assert.equal(active, "unknown");
    assert.ok(problem && !problem.includes("\n"));
  }
});

Deno.test("resolveRole() remembers no answer", async () => {
  await using server = await startDnsServer({ kind: "addresses", ips: ["192.0.2.1"] });
  assert.equal((await ask(server)).active, "primary");
  server.answer = { kind: "addresses", ips: ["192.0.2.2"] };
  assert.equal((await ask(server)).active, "dr");
});

Deno.test("resolveRole() asks nobody when ACTIVE_SITE decides", async () => {
  await using server = await startDnsServer({ kind: "addresses", ips: ["192.0.2.1"] });
  const dns = {
    record: RECORD,
    primaryIp: "192.0.2.1",
    drIp: "192.0.2.2",
    server: { host: "127.0.0.1", port: server.port },
  };
  const role = await resolveRole({ activeSite: "dr", dns });
  assert.deepEqual(role, { active: "dr", unexpected: [], problem: null });
  assert.equal(server.questions(), 0);
});
