// deno-lint-ignore-file no-console -- what it prints is for the person who runs it
/**
 * `deno task soak [--minutes N] [--clusters [--engines dr=25.8]] [--logs FOLDER]`: both sites are written to all the time, writes are dropped, doubled and
 * delayed, servers, Keepers and daemons are killed, links break, disks fill, the role flips. A ledger knows every row: none lost,
 * none doubled, READY never wrong.
 */
import { parseArgs } from "node:util";
import { counted } from "../src/text/readable.ts";
import { builtCollector } from "../test/collectors/build.ts";
import type { Engines } from "../test/soak/site.ts";
import { soak } from "../test/soak/soak.ts";
import { ENGINES } from "../test/support/versions/engines.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string", default: "20" },
    clusters: { type: "boolean", default: false },
    engines: { type: "string" },
    logs: { type: "string" },
  },
});
const engines = enginesNamed(values.engines);
const program = values.clusters ? await builtCollector() : null;
if (values.clusters && program === null) {
  console.log(
    "No OpenTelemetry collector is built here, so none feeds the night: deno task test:collectors builds it",
  );
}
const { wrong, ...figures } = await soak({
  kind: values.clusters ? "clusters" : "servers",
  minutes: Number(values.minutes),
  engines,
  program,
  logs: values.logs ?? null,
  say: (text) => console.log(text),
});
console.log(JSON.stringify(figures, null, 2));
for (const text of wrong.slice(0, 20)) console.error(text);
const { lost, doubled, falseReady, other } = figures;
const strikes = Object.values(figures.troubles).reduce((sum, times) => sum + times, 0);
console.log(
  `${counted(figures.minutes, "minute")}, ${engineText(figures.engines)}: ${
    counted(figures.rows, "row")
  }, of them ${figures.feed?.events ?? 0} by real collectors; trouble ${counted(strikes, "time")}; ${
    counted(figures.repairs.rows, "row")
  } repaired; READY ${counted(figures.readyVerdicts, "time")}; ` +
    `lost ${lost}, doubled ${doubled}, false READY ${falseReady}${
      other === 0 ? "" : `, otherwise wrong ${other}`
    }`,
);
console.log(
  wrong.length === 0
    ? "No row lost, none doubled, READY never wrong."
    : `${counted(wrong.length, "thing is", "things are")} wrong.`,
);
Deno.exit(wrong.length === 0 ? 0 : 1);

function engineText(of: Readonly<Record<"primary" | "dr", string>>): string {
  return `primary ${of.primary}, dr ${of.dr}`;
}

/** One site of clusters may be a single server of another version: that engine has no listener for replicas. */
function enginesNamed(text?: string): Engines {
  if (text === undefined) return {};
  const [site = "", version = ""] = text.split("=");
  const engine = ENGINES.find((one) => one.version === version && !one.refused);
  if (!values.clusters || (site !== "primary" && site !== "dr") || !engine) {
    const known = ENGINES.filter(({ refused }) => !refused).map(({ version }) => version).join(", ");
    console.error(`--engines takes one site of --clusters and its version, as dr=25.8; known are ${known}`);
    Deno.exit(2);
  }
  return { [site]: engine };
}
