import assert from "node:assert/strict";
import { recorded, versionsTable } from "../../scripts/build/versions_record.ts";

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
  assert.match(versionsTable(record), /^\| `24\.8` \| 1 of 2 \|/m);
});
