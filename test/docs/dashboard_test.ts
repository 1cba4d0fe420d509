/** docs/monitoring/grafana.json: panels over metrics that exist, in expressions that Prometheus understands. */
import assert from "node:assert/strict";
import { METRIC, metricNames, ROOT } from "../support/monitoring_files.ts";
import { promtool } from "../support/promtool.ts";

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const DASHBOARD = JSON.parse(Deno.readTextFileSync(new URL("docs/monitoring/grafana.json", ROOT)));
const PANELS: readonly Panel[] = DASHBOARD.panels;
const EXPRESSIONS = PANELS.flatMap(({ targets }) => targets.map(({ expr }) => expr));

Deno.test("every panel asks for metrics that exist", () => {
  const named = new Set(EXPRESSIONS.flatMap((expr) => expr.match(METRIC) ?? []));
  const known = metricNames();
  assert.deepEqual([...named].filter((name) => !known.has(name)), []);
  const { list } = DASHBOARD.templating;
  for (const { query } of list.filter(({ type }: { type: string }) => type === "query")) {
    for (const [name] of query.query.matchAll(METRIC)) assert.ok(known.has(name), name);
  }
});

Deno.test("promtool parses what every panel asks", async () => {
  const rules = EXPRESSIONS.map((expr, index) => ({
    record: `panel_${index}`,
    expr: expr.replaceAll("$__rate_interval", "5m").replaceAll("$job", ".*").replaceAll("$instance", ".*"),
  }));
  assert.ok(rules.length > 20 && rules.every(({ expr }) => !expr.includes("$")));
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(path, JSON.stringify({ groups: [{ name: "panels", rules }] }));
    await promtool(["check", "rules", path]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("no two panels lie over each other or have the same number", () => {
  assert.equal(new Set(PANELS.map(({ id }) => id)).size, PANELS.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos: { x, y, w, h } } of PANELS) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assert.equal(taken.get(`${column} ${row}`), undefined, title);
        taken.set(`${column} ${row}`, title);
      }
    }
  }
});
