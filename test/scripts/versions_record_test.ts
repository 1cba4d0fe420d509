import assert from "node:assert/strict";
import { NOT_TAKEN } from "../support/versions/not_taken.ts";
import { FIELD_FILES } from "../support/versions/field_files.ts";
import { lacksOf, recorded, recordedFile, versionsTable } from "../../scripts/build/versions_record.ts";

const [BEFORE, NOW] = ["2026-10-30 1234567", "2026-11-02 89abcde+"];

const JUNIT = `<testsuites>
<testcase name="a passive site of 24.8 gets back what it missed" classname="./test/versions/main_job_test.ts" time="1"/>
<testcase name="a passive site of 24.8 gets back what it missed from one of 25.8" classname="./test/versions/main_job_test.ts">
  <failure message="x">no</failure>
</testcase>
<testcase name="it gets back with compatibility = 23.8 here" classname="./test/versions/old_ways_test.ts" time="1"/>
<testcase name="24.8 is asked in its own words &gt; a step" classname="./test/versions/dialect_test.ts" time="1"/>
</testsuites>`;

Deno.test("the record counts tests by the versions that they name, and keeps what did not run", () => {
  const created = [1, 1, BEFORE] as const;
  const known = { "24.8": { main_job: [9, 9, BEFORE], created }, "25.5": { created } } as const;
  const record = recorded(known, JUNIT, NOW);
  assert.deepEqual(record, {
    "24.8": { main_job: [1, 2, NOW], created },
    "25.5": { created },
    "25.8": { main_job: [0, 1, NOW] },
    "26.7, compatibility = 23.8": { old_ways: [1, 1, NOW] },
  });
  const table = versionsTable(record);
  assert.match(table, /^\| `24\.8` \| 1 of 2 \| not run \|.*\| 1 \| not run \|.* 2026-10-30 \|$/m);
  assert.match(table, /^\| `26\.7, compatibility = 23\.8` \| 1 \| 2026-11-02 \|$/m);
});

const FILE = `<testsuites>
<testcase name="whatever is generated here begins with CH_SYNC_SEED=1" classname="./test/check/views/views_test.ts" time="1"/>
<testcase name="views" classname="./test/check/views/views_test.ts"><failure message="x">a step failed</failure></testcase>
<testcase name="views &gt; one" classname="./test/check/views/views_test.ts" time="1"/>
<testcase name="views &gt; another" classname="./test/check/views/views_test.ts"><failure message="x">no</failure></testcase>
<testcase name="views &gt; new" classname="./test/check/views/views_test.ts">
  <failure message="x">Error: ${NOT_TAKEN}: Code: 56</failure>
</testcase>
</testsuites>`;

Deno.test("a file that knows of no versions is recorded by its steps, without those that this version does not take", () => {
  const path = "test/check/views/views_test.ts";
  const known = {
    "24.8": { main_job: [9, 9, NOW], "active: check/views/views": [3, 3, NOW] },
  } as const;
  const [all, sources] = [FIELD_FILES.length, NOW];
  const record = recordedFile(known, FILE, { version: "24.8", role: "passive", path, sources });
  assert.deepEqual(record["24.8"], { ...known["24.8"], "passive: check/views/views": [1, 2, NOW] });
  assert.match(
    versionsTable(record),
    new RegExp(`^\\| \`24\\.8\` .*\\| 1 of 2 \\(1 of ${all} files\\) \\| 3 \\(1 of ${all} files\\) \\|`, "m"),
  );
  // It ended before it told anything.
  const died = recordedFile(known, "", { version: "25.8", role: "active", path, sources });
  assert.deepEqual(died["25.8"], { "active: check/views/views": [0, 1, NOW] });
  assert.deepEqual(died["24.8"], known["24.8"]);
});

Deno.test("what the record lacks is what was not run, or did not pass, with a version that it is for", () => {
  const record = {
    "24.8": { main_job: [2, 2, NOW], dotted: [1, 2, NOW] },
    "26.7, compatibility = 23.8": { old_ways: [1, 1, NOW] },
  } as const;
  const lacks = (file: string, ...versions: readonly string[]) => lacksOf(record, versions, file);
  assert.deepEqual([lacks("main_job", "24.8"), lacks("main_job", "24.8", "25.5")], [false, true]);
  assert.deepEqual([lacks("dotted", "24.8"), lacks("created", "24.8"), lacks("passive: x", "24.8")], [
    true,
    true,
    true,
  ]);
  // Of one that is refused there are two files; pairs are between some; profiles are of today's engine.
  assert.deepEqual(["dotted", "main_job", "dialect"].map((file) => lacks(file, "23.6")), [false, true, true]);
  assert.deepEqual([lacks("pairs", "25.5"), lacks("pairs", "25.8")], [false, true]);
  assert.deepEqual([lacks("old_ways", "24.8"), lacksOf({}, ["24.8"], "old_ways")], [false, true]);
});
