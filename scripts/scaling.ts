// deno-lint-ignore-file no-console
/**
 * How checks grow with partitions, tables, rows and the distance of the sites. `measure` writes docs/scaling.json; both write the plots
 * that are made of it, docs/scaling-*.svg.
 *
 * Usage: deno task scaling [measure [series …]]
 */
import { runApart } from "./bench/apart.ts";
import { measurePoint, type Name, SIZES } from "./scaling/measure.ts";
import { type Measured, plots, type Point, SERIES } from "./scaling/measured.ts";

const DOCS = new URL("../docs/", import.meta.url);
const FILE = new URL("scaling.json", DOCS);

const [verb, ...named] = Deno.args;
const names = Object.keys(SERIES) as Name[];
const load = () => Math.round(Deno.loadavg()[0]!);

async function measureApart(name: Name, size: number): ReturnType<typeof measurePoint> {
  return await runApart(import.meta.filename!, ["point", name, String(size)]) as Awaited<
    ReturnType<typeof measurePoint>
  >;
}

async function measure(wanted: readonly Name[]): Promise<void> {
  const known: Measured | null = await Deno.readTextFile(FILE).then(JSON.parse, () => null);
  const series = { ...known?.series } as Record<Name, Measured["series"][Name]>;
  let clickhouse = known?.clickhouse ?? "";
  for (const name of wanted) {
    const before = load();
    const points: Point[] = [];
    for (const size of SIZES[name]) {
      const { point, version } = await measureApart(name, size);
      points.push(point);
      clickhouse = version;
      console.log(name, JSON.stringify(point));
    }
    series[name] = { load: [before, load()], points };
    const measured: Measured = { cores: navigator.hardwareConcurrency, clickhouse, series };
    await Deno.writeTextFile(FILE, `${JSON.stringify(measured, null, 1)}\n`);
  }
}

if (verb === "point") {
  const [name, size] = named as [Name, string];
  console.log(JSON.stringify(await measurePoint(name, Number(size))));
  Deno.exit();
}
if (verb === "measure") await measure(names.filter((name) => named.length === 0 || named.includes(name)));
const measured: Measured = JSON.parse(await Deno.readTextFile(FILE));
for (const [name, svg] of plots(measured)) await Deno.writeTextFile(new URL(name, DOCS), svg);
