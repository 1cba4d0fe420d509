import assert from "node:assert/strict";
import { KeptDays } from "../../src/daemon/kept_days.ts";
import type { Run } from "../../src/model/run.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { makeRun } from "../../src/report/make_run.ts";
import { formatRun } from "../../src/state/parse_run.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { report } from "../support/data/tables.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const NOW = new Date("2026-02-28T12:00:00Z");
const run = (rows_repaired: number): Run => ({ ...makeRun(report([{}]), FRESH_STATE, 1), rows_repaired });

Deno.test("kept checks are read once, then only new ones, and all of them after the file was begun anew", async () => {
  await using directory = await temporaryDirectory();
  const days = new KeptDays();
  const asked: number[] = [];
  const rows = (memory: MemoryFile) => {
    const counting = {
      runs(only: number | null, count = 1) {
        asked.push(count);
        return memory.runs(only, count);
      },
    };
    return [...days.read(counting).values()].reduce((sum, { rowsRepaired }) => sum + rowsRepaired, 0);
  };
  const keep = (memory: MemoryFile, ...all: number[]) => {
    for (const one of all) memory.keepRun(formatRun(run(one), (text) => text), NOW);
  };
  {
    using memory = await MemoryFile.open(directory.path, "");
    assert.equal(rows(memory), 0);
    keep(memory, 1, 2);
    assert.equal(rows(memory), 3);
    asked.length = 0;
    keep(memory, 4);
    assert.equal(rows(memory), 7);
    assert.equal(rows(memory), 7);
    assert.ok(asked.every((count) => count < 100), "old ones are not read again");
    keep(memory, ...Array.from({ length: 50 }, () => 1));
    assert.equal(rows(memory), 57, "more than were looked at");
  }
  await Deno.remove(`${directory.path}/ch-sync-memory.sqlite`);
  using memory = await MemoryFile.open(directory.path, "");
  keep(memory, 5);
  assert.equal(rows(memory), 5);
});
