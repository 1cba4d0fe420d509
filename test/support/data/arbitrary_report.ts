/** Reports as a check may make them, and as it never should. */
import { fc } from "../seed.ts";
import { type Reason, REASONS } from "../../../src/model/reason.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import type { Repair } from "../../../src/model/repair.ts";
import { found, report } from "./tables.ts";

const repair = (bytes: number) => ({ bytes }) as Repair;

const rows = fc.bigInt({ min: 0n, max: 2n ** 40n });
const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const text = fc.string({ unit: "binary", maxLength: 12 });

const finding = fc.record({
  partitionId: fc.option(text),
  reason: fc.constantFrom(...Object.keys(REASONS) as Reason[]),
  detail: text,
  missing: rows,
  surplus: rows,
  repaired: fc.boolean(),
  bytes: fc.option(fc.nat()),
}).map(({ bytes, ...fields }) => found({ ...fields, repair: bytes === null ? null : repair(bytes) }));

const table = fc.record({
  table: text,
  partitions: fc.nat(100),
  counted: fc.nat(2),
  compared: fc.record({ rows, city: hash }),
  oldestDigest: fc.option(fc.nat(2 ** 31)),
  findings: fc.array(finding, { maxLength: 3 }),
  warnings: fc.array(text, { maxLength: 2 }),
});

export const arbitraryReport: fc.Arbitrary<CheckReport> = fc.tuple(
  fc.array(table, { maxLength: 3 }),
  fc.record({
    active: fc.constantFrom("primary" as const, "dr" as const, "unknown" as const),
    outcome: fc.constantFrom(
      "completed" as const,
      "standby" as const,
      "failed" as const,
      "role_unknown" as const,
    ),
    error: fc.option(text),
    settledBefore: fc.option(fc.nat(2 ** 31)),
    limited: fc.boolean(),
    dryRun: fc.boolean(),
    warnings: fc.array(text, { maxLength: 2 }),
  }),
).map(([tables, fields]) => report(tables, fields));
