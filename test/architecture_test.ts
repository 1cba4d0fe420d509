/** The rules of the house: who may import whom, what is pure, how long files get, which names say nothing. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** Which folders (and single files) of `src` the files of a folder may import from, besides their own. `main.ts` knows all. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  reconcile: ["model"],
  report: ["model", "reconcile"],
  check: ["model", "reconcile"],
  clickhouse: ["model", "check"],
  config: ["model"],
  dns: ["model", "reconcile"],
  state: ["model"],
  notify: ["model"],
  log: ["model", "report"],
  systemd: [],
  doctor: ["model", "reconcile", "check", "clickhouse"],
  drill: ["model", "reconcile", "check", "clickhouse"],
  status: ["build.ts", "model", "reconcile", "report"],
  metrics: ["model", "reconcile", "report", "check"],
  telemetry: ["model", "check"],
  daemon: [
    "telemetry",
    "model",
    "reconcile",
    "report",
    "check",
    "config",
    "clickhouse",
    "dns",
    "state",
    "notify",
    "log",
  ],
  commands: [
    "build.ts",
    "cli.ts",
    "status",
    "metrics",
    "doctor",
    "config",
    "drill",
    "clickhouse",
    "dns",
    "log",
    "model",
    "reconcile",
    "report",
    "check",
    "state",
    "notify",
    "systemd",
    "daemon",
  ],
};

/** What deciding must not do: wait, look at the world, or read the clock. */
const IMPURE = /\basync\b|\bawait\b|\bDeno\.|\bfetch\(|\bDate\.now\b|\bnew Date\(\)|\bconsole\./;

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

function sources(top: string): Source[] {
  const found: Source[] = [];
  const walk = (directory: URL) => {
    for (const entry of Deno.readDirSync(directory)) {
      const url = new URL(`${entry.name}${entry.isDirectory ? "/" : ""}`, directory);
      if (entry.isDirectory) walk(url);
      else if (entry.name.endsWith(".ts")) {
        const path = url.pathname.slice(ROOT.pathname.length);
        found.push({ path, folder: path.split("/")[1] ?? "", text: Deno.readTextFileSync(url) });
      }
    }
  };
  walk(new URL(`${top}/`, ROOT));
  return found;
}

function imports({ path, text }: Source): string[] {
  return [...text.matchAll(/(?:from|import) "(\.[^"]+)"/g)].map((match) =>
    new URL(match[1]!, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length)
  );
}

Deno.test("every file imports only from the layers below its own", () => {
  const wrong = sources("src").filter(({ path }) => path.split("/").length > 2).flatMap((source) => {
    const allowed = LAYERS[source.folder];
    assert.ok(allowed, `${source.path} is in a folder that LAYERS does not name`);
    return imports(source)
      .filter((target) => target.startsWith("src/"))
      .filter((target) => ![source.folder, ...allowed].includes(target.split("/")[1]!))
      .map((target) => `${source.path} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("no file imports itself, however far round", () => {
  const files = new Map(sources("src").map((source) => [source.path, imports(source)]));
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    assert.ok(!way.includes(path), [...way, path].join(" -> "));
    if (done.has(path)) return;
    for (const target of files.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
});

Deno.test("nothing in src imports tests or scripts", () => {
  const wrong = sources("src").flatMap((source) =>
    imports(source).filter((target) => /^(test|scripts)\//.test(target)).map((target) =>
      `${source.path}: ${target}`
    )
  );
  assert.deepEqual(wrong, []);
});

Deno.test("model, reconcile and report neither wait nor look at the world", () => {
  const impure = sources("src")
    .filter(({ folder }) => ["model", "reconcile", "report"].includes(folder))
    .filter(({ text }) => IMPURE.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")))
    .map(({ path }) => path);
  assert.deepEqual(impure, []);
});

Deno.test("only main exits the process", () => {
  const exits = sources("src").filter(({ text }) => /Deno\.exit\(/.test(text)).map(({ path }) => path);
  assert.deepEqual(exits, ["src/main.ts"]);
});

Deno.test("no file of src or scripts is longer than 250 lines", () => {
  const long = [...sources("src"), ...sources("scripts")]
    .map(({ path, text }) => ({ path, lines: text.split("\n").length }))
    .filter(({ lines }) => lines > 250);
  assert.deepEqual(long, []);
});

Deno.test("names of files say what is inside", () => {
  const vague = [...sources("src"), ...sources("test"), ...sources("scripts")]
    .map(({ path }) => path)
    .filter((path) => /(^|\/)(utils?|helpers?|common|misc|managers?|types)(_test)?\.ts$/.test(path));
  assert.deepEqual(vague, []);
});

Deno.test("no file exports by default, and no test is left out", () => {
  const files = [...sources("src"), ...sources("test"), ...sources("scripts")];
  const pattern = new RegExp(
    ["export default", "ignore: true", "\\.only\\(", "Deno\\.test\\.ignore"].join("|"),
  );
  const wrong = files.filter(({ path, text }) => path !== "test/architecture_test.ts" && pattern.test(text));
  assert.deepEqual(wrong.map(({ path }) => path), []);
});
