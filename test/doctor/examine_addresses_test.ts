/** Whose certificates the doctor looks at: those of each address by which a server reads another one. */
import assert from "node:assert/strict";
import type { NativeCertificate } from "../../src/clickhouse/http/native_certificate.ts";
import { examineCertificates } from "../../src/doctor/examine_addresses.ts";
import type { Settings } from "../../src/model/settings.ts";
import { settingsOf } from "../support/sites/settings.ts";

const native = (host: string) => ({ host, port: 9440, secure: true });
const shard = (...hosts: readonly string[]) =>
  hosts.map((host) => ({ url: `https://${host}:8443`, native: native(host) }));

/** Grade, address and, where there is one, the setting that the remedy names. */
async function linesOf(settings: Partial<Settings>): Promise<string[]> {
  const look = ({ host }: { readonly host: string }): Promise<NativeCertificate> =>
    Promise.resolve(host.startsWith("bad") ? { kind: "other_name", problem: "" } : { kind: "fits" });
  const found = await examineCertificates(settingsOf(settings), look);
  return found.map(({ grade, subject, detail, remedy }) => {
    assert.equal(subject, "native certificate");
    const [host] = detail.split(":9440");
    return [grade, host, ...remedy?.match(/\w+_CH_HOST/) ?? []].join(" ");
  });
}

Deno.test("the certificate at every native address is looked at, whichever is read now", async () => {
  assert.deepEqual(await linesOf({ remoteNative: native("a") }), ["ok a"]);
  assert.deepEqual(
    await linesOf({ remoteNative: native("a"), replicas: { local: [], remote: shard("a", "bad-b") } }),
    ["ok a", "warning bad-b REMOTE_CH_HOST"],
  );
  assert.deepEqual(
    await linesOf({
      remoteNative: native("a"),
      shards: [shard("a", "b"), shard("bad-c")],
      localShards: [shard("d", "e"), shard("bad-f")],
    }),
    ["ok a", "ok b", "warning bad-c REMOTE_CH_HOST", "ok d", "ok e", "warning bad-f LOCAL_CH_HOST"],
  );
});
