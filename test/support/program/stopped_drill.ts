/** What a drill says that was asked to end. */
import assert from "node:assert/strict";
import { schemaOf } from "../json_schema.ts";
import type { Finished } from "./ch_sync.ts";

const assertSchema = schemaOf("drill");

/** @returns its last step, which did not pass */
export function stopped({ code, stdout }: Finished): { readonly remedy: string } {
  const report = JSON.parse(stdout);
  assertSchema(report);
  const last = report.steps.at(-1);
  assert.deepEqual([code, report.verdict, last.passed], [1, "stopped", false]);
  return last;
}
