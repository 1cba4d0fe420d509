/** State files of other versions, as the process meets them after an upgrade and after a downgrade. */
import assert from "node:assert/strict";
import { FRESH_STATE } from "../../src/model/state.ts";
import { loadState, saveState } from "../../src/state/state_file.ts";
import { installChSync } from "../support/program/ch_sync.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const FIXTURES = new URL("../fixtures/state/", import.meta.url);
const KNOWN = ["required-fields-only.json", "0.1.0-fresh.json", "0.1.0-ready.json", "0.1.0-gaps.json"];

/** Names no server that answers. */
const ENVIRONMENT = {
  ROLE: "dr",
  LOCAL_CH_URL: "http://127.0.0.1:1",
  REMOTE_CH_URL: "http://127.0.0.1:2",
  DNS_RECORD: "clickhouse.example",
  PRIMARY_IP: "192.0.2.1",
  DR_IP: "192.0.2.2",
  ACTIVE_SITE: "primary",
};

function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(name, FIXTURES));
}

Deno.test("every state file that is kept here is in a test", () => {
  const files = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name).filter((name) =>
    name.endsWith(".json")
  );
  assert.deepEqual(files.sort(), [...KNOWN, "newer.json"].sort());
});

for (const name of KNOWN) {
  Deno.test(`${name} is read whole, and written back with nothing lost`, async () => {
    await using directory = await temporaryDirectory();
    const path = `${directory.path}/ch-sync-state.json`;
    await Deno.writeTextFile(path, fixture(name));
    const { state, warning } = await loadState(path, new Date());
    assert.equal(warning, null);
    assert.deepEqual(state, { ...FRESH_STATE, ...JSON.parse(fixture(name)) });
    await saveState(path, state);
    assert.deepEqual((await loadState(path, new Date())).state, state);
  });
}

Deno.test("a downgrade: every command refuses the newer state, says what to do and leaves it alone", async () => {
  await using chSync = await installChSync(ENVIRONMENT);
  const path = `${chSync.directory}/data/ch-sync-state.json`;
  await Deno.mkdir(`${chSync.directory}/data`);
  await Deno.writeTextFile(path, fixture("newer.json"));
  for (const args of [["--once"], ["--dry-run"], ["--status"], []]) {
    const { code, stderr } = await chSync.run(args);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /has format 2, this ch-sync knows 1; install the newer ch-sync again, or move the file/,
    );
    assert.equal(await Deno.readTextFile(path), fixture("newer.json"));
  }
});

Deno.test("an upgrade: totals go on, and what was said is still said", async () => {
  await using chSync = await installChSync(ENVIRONMENT);
  const path = `${chSync.directory}/data/ch-sync-state.json`;
  await Deno.mkdir(`${chSync.directory}/data`);
  await Deno.writeTextFile(path, fixture("0.1.0-gaps.json"));
  const { code, stdout } = await chSync.run(["--status"], { ROLE: "primary" });
  assert.equal(code, 0);
  assert.match(stdout, /^NOT READY$/m);
  assert.match(stdout, /^Gaps .*: otel\.otel_logs, otel\.таблица `x`$/m);
  assert.equal((await chSync.run(["--once"])).code, 1, "no site answers");
  const state = (await chSync.state())!;
  assert.deepEqual(
    [state.rows_synced, state.partitions_synced, state.installation],
    [2500123, 7, "0f3a9c21"],
  );
});
