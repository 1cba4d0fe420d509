import assert from "node:assert/strict";
import { settingsDigest, sitesDigest } from "../../src/config/settings_digest.ts";
import { settingsWith } from "../support/data/example_environment.ts";

Deno.test("settingsDigest() changes with the settings on which a clean streak depends", async () => {
  const relevant = [
    {},
    { ROLE: "primary" },
    { LOCAL_CH_URL: "http://192.168.200.144:8123" },
    { REMOTE_CH_URL: "http://192.168.100.144:8123" },
    { CH_EXCLUDE_PATTERNS: "a.*" },
    { SETTLE_SECONDS: "601" },
    { TIME_COLUMNS: "d.t.ts:ns" },
    { TIME_COLUMNS: "d.t.ts:ms" },
    { IGNORE_COLUMNS: "d.t.seen" },
    { IGNORE_COLUMNS: "d.t.seen,d.u.seen" },
  ];
  const digests = await Promise.all(relevant.map((changes) => settingsDigest(settingsWith(changes))));
  assert.equal(new Set(digests).size, relevant.length);
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/);
});

Deno.test("settingsDigest() does not change with anything else", async () => {
  const same = [
    {},
    { LOCAL_CH_PASSWORD: "other" },
    { LOG_LEVEL: "debug" },
    { LOCAL_CH_URL: "http://192.168.200.143:8123/" },
    { CH_EXCLUDE_PATTERNS: "*.temp_*,*.tmp_*" },
  ];
  const digests = await Promise.all(same.map((changes) => settingsDigest(settingsWith(changes))));
  assert.equal(new Set(digests).size, 1);
});

Deno.test("sitesDigest() changes with the sites alone", async () => {
  const digestsOf = async (changes: readonly Record<string, string>[]) =>
    new Set(await Promise.all(changes.map((one) => sitesDigest(settingsWith(one))))).size;
  const others = [
    {},
    { ROLE: "primary" },
    { LOCAL_CH_URL: "http://192.168.200.144:8123" },
    { REMOTE_CH_URL: "http://192.168.100.144:8123" },
  ];
  assert.equal(await digestsOf(others), others.length);
  const same = [
    {},
    { CH_EXCLUDE_PATTERNS: "a.*" },
    { RESULTS_TABLE: "d.results" },
    { SETTLE_SECONDS: "601" },
    { TIME_COLUMNS: "d.t.ts:ns" },
    { IGNORE_COLUMNS: "d.t.seen" },
  ];
  assert.equal(await digestsOf(same), 1);
});
