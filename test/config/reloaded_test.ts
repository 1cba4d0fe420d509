import assert from "node:assert/strict";
import { changedVariables, ownVariables } from "../../src/config/changed_variables.ts";
import { readSettings } from "../../src/config/read_settings.ts";
import { reloaded } from "../../src/config/reloaded.ts";
import { EXAMPLE } from "../support/data/example_environment.ts";

const settingsOf = (more: Record<string, string> = {}) => {
  const read = readSettings({ ...EXAMPLE, ...more }, () => "");
  assert.ok(read.kind === "settings", JSON.stringify(read));
  return read.settings;
};

Deno.test("reloaded() takes all over but what a process keeps, and says what waits", () => {
  const before = settingsOf();
  assert.deepEqual(reloaded(before, settingsOf()), { settings: before, atRestart: [], changed: false });
  const after = reloaded(before, settingsOf({ CHECK_INTERVAL: "60", STATE_FILE: "x/y.json" }));
  assert.deepEqual([after.changed, after.atRestart], [true, ["STATE_FILE"]]);
  assert.equal(after.settings.checkIntervalSeconds, 60);
  assert.equal(after.settings.stateFile, before.stateFile);
  const page = reloaded(before, settingsOf({ STATUS_LISTEN: "127.0.0.1:1" }));
  assert.deepEqual([page.changed, page.settings.status, page.atRestart.length], [false, null, 1]);
});

Deno.test("changedVariables() names settings, by their old names too, and nothing else", () => {
  const before = {
    CHECK_INTERVAL: "60",
    LOCAL_CH_PASSWORD: "a",
    HOME: "/a",
    MAX_CONCURRENT_PARTITIONS: " 1",
  };
  const after = { CHECK_INTERVAL: "60 ", LOCAL_CH_PASSWORD: "b", HOME: "/b", MAX_CONCURRENT_PARTITIONS: "2" };
  assert.deepEqual(changedVariables(before, after), ["LOCAL_CH_PASSWORD", "MAX_CONCURRENT_PARTITIONS"]);
});

Deno.test("ownVariables() keeps strangers back, and what may be a slip of the pen in", () => {
  const environment = {
    ROLE: "dr",
    CHECK_INTERVALL: "1",
    HOME: "/root",
    AWS_SECRET_ACCESS_KEY: "s",
    X: undefined,
  };
  assert.deepEqual(ownVariables(environment), { ROLE: "dr", CHECK_INTERVALL: "1" });
});
