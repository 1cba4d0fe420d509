import assert from "node:assert/strict";
import { examineVersions } from "../../src/doctor/examine_servers.ts";

const said = (local: string, remote: string) =>
  examineVersions({ version: local }, { version: remote }).map(({ grade, detail }) => `${grade}: ${detail}`)
    .join("; ");

Deno.test("examineVersions() names both servers where they differ, and what ch-sync is not tested with", () => {
  assert.match(said("26.7.3.1", "26.7.3.1"), /^ok: 26\.7\.3\.1/);
  assert.match(
    said("24.8.14.39", "26.7.3.1"),
    /^warning: 24\.8\.14\.39 here, 26\.7\.3\.1 at the other site[^;]*$/,
  );
  assert.match(
    said("23.8.16.40", "23.8.16.40"),
    /^warning: 23\.8 is not among those that ch-sync is tested with/,
  );
  assert.match(said("24.3.1.1", "26.7.3.1"), /24\.3\.1\.1 here.*; warning: 24\.3 is not among/);
});
