import assert from "node:assert/strict";
import { NOT_TAKEN } from "../support/versions/not_taken.ts";
import { recorded, recordedFile, versionsTable } from "../../scripts/build/versions_record.ts";

const JUNIT = `<testsuites>
<testcase name="a passive site of 24.8 gets back what it missed" classname="./test/versions/main_job_test.ts" time="1"/>
<testcase name="a passive site of 24.8 gets back what it missed from one of 25.8" classname="./test/versions/main_job_test.ts">
  <failure message="x">no</failure>
</testcase>
<testcase name="it gets back with compatibility = 23.8 here" classname="./test/versions/old_ways_test.ts" time="1"/>
<testcase name="24.8 is asked in its own words &gt; a step" classname="./test/versions/dialect_test.ts" time="1"/>
</testsuites>`;

Deno.test("the record counts tests by the versions that they name, and keeps what did not run", () => {
  const known = { "24.8": { main_job: [9, 9], created: [1, 1] }, "25.5": { created: [1, 1] } } as const;
  const record = recorded(known, JUNIT);
  assert.deepEqual(record, {
    "24.8": { main_job: [1, 2], created: [1, 1] },
    "25.5": { created: [1, 1] },
    "25.8": { main_job: [0, 1] },
    "26.7, compatibility = 23.8": { old_ways: [1, 1] },
  });
  const table = versionsTable(record);
  assert.match(table, /^\| `24\.8` \| 1 of 2 \| not run \|.*\| 1 \| not run \|/m);
  assert.match(table, /^\| `26\.7, compatibility = 23\.8` \| 1 \|$/m);
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
    "24.8": { main_job: [9, 9], "active: check/views/views": [3, 3], "passive: check/x": [4, 4] },
  } as const;
  const record = recordedFile(known, FILE, { version: "24.8", role: "passive", path });
  assert.deepEqual(record["24.8"], { ...known["24.8"], "passive: check/views/views": [1, 2] });
  assert.match(versionsTable(record), /^\| `24\.8` \| 9 \|.*\| 5 of 6 \| 3 \|$/m);
  // It ended before it told anything.
  const died = recordedFile(known, "", { version: "25.8", role: "active", path });
  assert.deepEqual(died["25.8"], { "active: check/views/views": [0, 1] });
  assert.deepEqual(died["24.8"], known["24.8"]);
});
