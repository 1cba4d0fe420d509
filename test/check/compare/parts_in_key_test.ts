/** Keys of parts of columns (`t.k`, `j.k`): what is one event, on two real sites. */
import assert from "node:assert/strict";
import { partsInKey } from "../../../src/clickhouse/sql/parts_in_key.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const TYPES = {
  t: "Tuple(k UInt32, `b c` String, v UInt32)",
  j: "JSON(k UInt32, `b c` String, v UInt32)",
};
const OBJECT = (k: string, v: string) => ({
  t: `(${k}, 'x', ${v})`,
  j: `concat('{"k":', toString(${k}), ',"b c":"x","v":', toString(${v}), '}')`,
});

Deno.test("partsInKey() finds what stands in a key of a column alone", () => {
  const columns = new Set(["t", "j", "n.a", "a.b", "we`ird", "s"]);
  const found = (key: string) => Object.fromEntries(partsInKey(key, columns));
  assert.deepEqual(found("toStartOfHour(t.ts), j.`b c`, t.1.d, lower(s), x.y, 't.k'"), {
    t: ["`t`.`ts`", "`t`.1.`d`"],
    j: ["`j`.`b c`"],
  });
  assert.deepEqual(found("n.a, `a.b`, a.b, `n.a`.size0, `we\\`ird`.k, 1.5"), {
    "n.a": ["`n.a`.`size0`"],
    "we`ird": ["`we\\`ird`.`k`"],
  });
  assert.deepEqual(found("j.k.:`Int64`, arrayMap(x -> x.1, s)"), { j: ["`j`.`k`.:`Int64`"] });
  assert.deepEqual(found("t.f(t.a, 't.b)"), { t: ["`t`.`a`"] });
});

Deno.test("rows of other keys are no twins where a key is a part of a column, and rows of one key are", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  for (const kind of ["t", "j"] as const) {
    for (const name of [`${kind}_others`, `${kind}_twins`]) {
      await onBoth(
        sites,
        `CREATE TABLE d.${name} (o ${TYPES[kind]}, w UInt8) ENGINE = MergeTree ORDER BY (o.k, o.\`b c\`)`,
      );
      const rows = (from: number, count: number, v: string, w: number) =>
        `INSERT INTO d.${name} SELECT ${OBJECT("number", v)[kind]}, ${w} FROM numbers(${from}, ${count})`;
      const twins = name.endsWith("twins");
      // Enough for several buckets: twins must be looked for in the one of their key.
      await onBoth(sites, rows(0, 2000, "1", 0));
      await primary.query(rows(3000, 40, "1", 0));
      await dr.query(rows(twins ? 3000 : 4000, 40, "2", 1));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const report = await checkSites(sites, { settings: { settleSeconds: 1 } });
  assert.deepEqual(reasonsOf(report), {
    "d.j_others all": "partial, repaired",
    "d.j_twins all": "independent",
    "d.t_others all": "partial, repaired",
    "d.t_twins all": "independent",
  });
  assert.deepEqual(
    findingsOf(report).filter(({ repaired }) => !repaired).map(({ cause, detail }) =>
      `${cause} ${/^\d+ of \d+/.exec(detail)?.[0]}`
    ),
    ["twins 40 of 40", "twins 40 of 40"],
  );
  for (const kind of ["t", "j"]) {
    assert.equal(await dr.query(`SELECT count(), uniqExact(o.k) FROM d.${kind}_others`), "2080\t2080\n");
  }
});
