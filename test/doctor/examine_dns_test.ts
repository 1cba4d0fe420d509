import assert from "node:assert/strict";
import { type AskDns, examineDns, nameServersOf } from "../../src/doctor/examine_dns.ts";
import { settingsOf } from "../support/sites/settings.ts";

const SETTINGS = settingsOf({ activeSite: "unknown" });
const answers = (by: Record<string, Awaited<ReturnType<AskDns>>>): AskDns => (server) =>
  Promise.resolve(by[server?.host ?? "system"]!);
const says = (active: "primary" | "dr") => ({ active, unexpected: [], problem: null });

Deno.test("nameServersOf() reads a resolv.conf", () => {
  assert.deepEqual(nameServersOf("# x\nnameserver 192.0.2.53\n nameserver fe80::1%eth0\nsearch a\n"), [
    "192.0.2.53",
    "fe80::1",
  ]);
});

Deno.test("examineDns() asks each name server, and says who disagrees", async () => {
  const servers = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
  const found = await examineDns(
    SETTINGS,
    servers,
    answers({
      "192.0.2.1": says("primary"),
      "192.0.2.2": says("dr"),
      "192.0.2.3": { active: "unknown", unexpected: ["198.51.100.7"], problem: null },
    }),
  );
  assert.deepEqual(found.map(({ grade, subject }) => `${grade} ${subject}`), [
    "ok name server 192.0.2.1",
    "ok name server 192.0.2.2",
    "failed name server 192.0.2.3",
    "failed DNS",
  ]);
  assert.match(found[2]!.detail, /198\.51\.100\.7, which is neither PRIMARY_IP/);
});

Deno.test("examineDns() tells a name server that does not answer from a record that is wrong", async () => {
  const silent = {
    active: "unknown",
    unexpected: [],
    problem: "no name server answered for x in time",
  } as const;
  const server = { host: "192.0.2.1", port: 5353 };
  const [found] = await examineDns(
    settingsOf({ activeSite: "unknown", dns: { ...SETTINGS.dns, server } }),
    [],
    answers({ "192.0.2.1": silent }),
  );
  assert.match(found!.remedy!, /is up.* port 5353/);
});

Deno.test("examineDns() without DNS says that nobody would notice a failover", async () => {
  const found = await examineDns(settingsOf({ activeSite: "dr" }), [], () => assert.fail());
  assert.deepEqual(found.map(({ grade }) => grade), ["warning"]);
});
