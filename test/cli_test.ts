import assert from "node:assert/strict";
import { fc } from "./support/seed.ts";
import { parseCommand } from "../src/cli.ts";
import { EXIT_CODES, FLAGS, HELP } from "../src/flags.ts";
import { VERBS } from "../src/verbs.ts";
import { eachSays } from "./support/says.ts";

const NOTHING = {
  tables: [],
  within: null,
  verify: false,
  sql: false,
  accepted: [],
  envFile: null,
  json: false,
  logLevel: null,
};

function mistakes(...args: string[]): readonly string[] {
  const command = parseCommand(args);
  return command.kind === "mistakes" ? command.mistakes : [];
}

Deno.test("parseCommand() runs the daemon without arguments", () => {
  assert.deepEqual(parseCommand([]), { kind: "daemon", ...NOTHING });
});

Deno.test("parseCommand() knows every mode", () => {
  for (const kind of ["once", "dry-run", "status"] as const) {
    assert.deepEqual(parseCommand([`--${kind}`]), { kind, ...NOTHING });
  }
  assert.deepEqual(parseCommand(["--help"]), { kind: "help" });
  assert.deepEqual(parseCommand(["--version"]), { kind: "version" });
});

Deno.test("parseCommand() takes the file of --evidence", () => {
  assert.deepEqual(parseCommand(["--evidence", "x.md"]), { kind: "evidence", file: "x.md", ...NOTHING });
  assert.deepEqual(mistakes("--evidence"), ["--evidence needs a value: FILE"]);
  assert.deepEqual(mistakes("--evidence=x", "--once"), ["--once and --evidence exclude each other"]);
  assert.deepEqual(mistakes("--evidence=x", "--table=d.t"), ["--table goes with --once or --dry-run only"]);
});

Deno.test("parseCommand() reads flags with values, in both spellings", () => {
  const args = [
    "--once",
    "--table",
    "a.b",
    "--table=c.d.e",
    "--env-file",
    "x.env",
    "--json",
    "--log-level=WARN",
  ];
  assert.deepEqual(parseCommand(args), {
    kind: "once",
    ...NOTHING,
    tables: ["a.b", "c.d.e"],
    envFile: "x.env",
    json: true,
    logLevel: "warning",
  });
});

Deno.test("parseCommand() lists every mistake at once", () => {
  eachSays(
    mistakes("--once", "--status", "--tabel", "x", "--log-level", "loud", "--table=ab", "--json=1"),
    [
      ["--tabel ", "--table?"],
      ["x ", "--help"],
      ["--json ", "no value"],
      ["--once", "--status", "exclude"],
      ["--table=ab ", "DB.TABLE", "otel.*"],
      ["--log-level=loud ", "debug, info, warning, error"],
    ],
  );
});

Deno.test("parseCommand() limits the tables of a single check only", () => {
  assert.deepEqual(mistakes("--table", "a.b"), ["--table goes with --once or --dry-run only"]);
  assert.deepEqual(mistakes("--status", "--table", "a.b"), ["--table goes with --once or --dry-run only"]);
});

Deno.test("parseCommand() takes no flag for the forgotten value of another one", () => {
  assert.deepEqual(mistakes("--env-file", "--once"), ["--env-file needs a value: PATH"]);
  assert.deepEqual(mistakes("--once", "--table"), ["--table needs a value: DB.TABLE"]);
  assert.deepEqual(mistakes("--env-file="), ["--env-file needs a value: PATH"]);
});

Deno.test("parseCommand() refuses two values where one is meant", () => {
  assert.deepEqual(mistakes("--env-file=a", "--env-file=b"), ["--env-file is given twice"]);
});

Deno.test("parseCommand() ignores no argument: each one counts or is a mistake", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "--once",
      "--dry-run",
      "--json",
      "--table",
      "a.b",
      "--env-file",
      "--log-level=-x",
      "--",
      "-h",
      "",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word), (args) => {
      const command = parseCommand(args);
      if (command.kind === "mistakes") return assert.ok(command.mistakes.length > 0);
      const counts = command.kind === "help" // whatever a known flag is given beside it
        ? /^(--|--once|--dry-run|--json|--table|--env-file|-h|--log-level=-x)$/
        : /^(--|--once|--dry-run|--json|--table|--env-file)$/;
      for (const [index, arg] of args.entries()) {
        const isValue = index > 0 && /^--(table|env-file)$/.test(args[index - 1]!);
        assert.ok(isValue || counts.test(arg), arg);
      }
    }),
    { numRuns: 1000 },
  );
  assert.equal(mistakes("--log-level=-x").length, 1);
  assert.equal(mistakes("--once", "--table=-x").length, 1);
});

Deno.test("HELP fits on a screen and names every flag and exit code", () => {
  const lines = HELP.split("\n");
  assert.ok(lines.length <= 56, `${lines.length} lines`);
  assert.deepEqual(lines.filter((line) => line.length > 100), []);
  for (const { name } of FLAGS) assert.match(HELP, new RegExp(`^  (?:-\\w, )?--${name}\\b`, "m"));
  for (const [code] of EXIT_CODES) assert.match(HELP, new RegExp(`^  ${code}  `, "m"));
});

Deno.test("parseCommand() limits a check within its tables", () => {
  const args = [
    "--once",
    "--table=otel.*",
    "--table=!otel.tmp_*",
    "--partition=20261124",
    "--recheck",
    "--verify",
  ];
  const times = ["--from", "2026-11-24 14:00", "--to=2026-11-25T00:00+01:00"];
  assert.deepEqual(parseCommand([...args, ...times]), {
    kind: "once",
    ...NOTHING,
    tables: ["otel.*", "!otel.tmp_*"],
    within: {
      from: Date.UTC(2026, 10, 24, 14) / 1000,
      to: Date.UTC(2026, 10, 24, 23) / 1000,
      partitions: ["20261124"],
      open: true,
    },
    verify: true,
  });
  for (const flag of ["--from=2026-11-24", "--to=2026-11-24", "--partition=a", "--recheck", "--verify"]) {
    const name = flag.split("=")[0];
    assert.deepEqual(mistakes("--status", flag), [`${name} goes with --once or --dry-run only`]);
  }
});

Deno.test("parseCommand() knows -h and -V, and what was meant", () => {
  assert.deepEqual(parseCommand(["-h"]), { kind: "help" });
  assert.deepEqual(parseCommand(["-V"]), { kind: "version" });
  eachSays(mistakes("--dryrun"), [["--dryrun ", "--dry-run?"]]);
  eachSays(mistakes("-x"), [["-x ", "--help"]]);
  eachSays(mistakes("--everything-else-at-once"), [["--everything-else-at-once ", "--help"]]);
  for (const far of ["-x", "--everything-else-at-once"]) assert.doesNotMatch(mistakes(far)[0]!, /mean/);
});

Deno.test("parseCommand() takes one table, perhaps with a partition, for --sample", () => {
  const sample = (name: string) => ({ kind: "sample", name, ...NOTHING });
  assert.deepEqual(parseCommand(["--sample", "d.t"]), sample("d.t"));
  assert.deepEqual(parseCommand(["--sample=d.t:20260105", "--json"]), {
    ...sample("d.t:20260105"),
    json: true,
  });
  for (const name of ["d", "d.*", "d.t?"]) {
    assert.match(mistakes("--sample", name).join(), /must be one DB\.TABLE/);
  }
  assert.deepEqual(mistakes("--sample"), ["--sample needs a value: DB.TABLE[:PARTITION]"]);
  assert.deepEqual(mistakes("--sample", "d.t", "--once"), ["--once and --sample exclude each other"]);
  assert.deepEqual(mistakes("--sample", "d.t", "--verify"), ["--verify goes with --once or --dry-run only"]);
});

Deno.test("parseCommand() takes --history with and without a number", () => {
  const history = (run: number | null, count: number) => ({ kind: "history", run, count, ...NOTHING });
  assert.deepEqual(parseCommand(["--history"]), history(null, 20));
  assert.deepEqual(parseCommand(["--history", "--json"]), { ...history(null, 20), json: true });
  assert.deepEqual(parseCommand(["--history", "5"]), history(null, 5));
  assert.deepEqual(parseCommand(["--history=r1041"]), history(1041, 1));
  assert.match(mistakes("--history", "0").join(), /^--history=0 must be how many/);
  assert.match(mistakes("--history=x").join(), /^--history=x must be how many/);
  assert.deepEqual(mistakes("--history", "5", "6"), ["6 is not a flag; see --help"]);
  assert.deepEqual(mistakes("--history", "5", "--history"), ["--history is given twice"]);
  assert.deepEqual(mistakes("--history", "--once"), ["--once and --history exclude each other"]);
});

Deno.test("parseCommand() says what is wrong with a time", () => {
  assert.match(mistakes("--once", "--from=yesterday").join(), /^--from=yesterday must be a date/);
  assert.match(mistakes("--once", "--to=2026-02-30").join(), /^--to=2026-02-30 must be a date/);
  assert.match(
    mistakes("--once", "--from=2026-11-24", "--to=2026-11-24").join(),
    /^--to must be later than --from; a date alone is its midnight/,
  );
});

Deno.test("parseCommand() takes what an operator accepts, for one check only", () => {
  const args = ["--once", "--accept", "a.b", "--accept=c.d:202601"];
  assert.deepEqual(parseCommand(args), { kind: "once", ...NOTHING, accepted: ["a.b", "c.d:202601"] });
  assert.deepEqual(mistakes("--accept", "a.b"), ["--accept goes with --once or --dry-run only"]);
  assert.deepEqual(mistakes("--once", "--accept", "ab"), [
    "--accept=ab must be DB.TABLE or DB.TABLE:PARTITION",
  ]);
});

Deno.test("parseCommand() knows every verb, with what it takes", () => {
  assert.deepEqual(parseCommand(["pause"]), { kind: "pause", seconds: null, reason: null, ...NOTHING });
  assert.deepEqual(parseCommand(["--env-file", "x.env", "pause", "--for", "1d2h", "--reason=a b"]), {
    kind: "pause",
    seconds: 93_600,
    reason: "a b",
    ...NOTHING,
    envFile: "x.env",
  });
  assert.deepEqual(parseCommand(["resume"]), { kind: "resume", ...NOTHING });
  assert.deepEqual(parseCommand(["check"]), { kind: "check", ...NOTHING });
  assert.deepEqual(parseCommand(["accept", "d.t", "d.u:1"]), {
    kind: "accept",
    names: ["d.t", "d.u:1"],
    ...NOTHING,
  });
});

Deno.test("parseCommand() takes no half-understood verb", () => {
  for (const text of ["2x", "", "0h", "2", "-1h", "1h2d", "31d", "1.5h", "99999999999h"]) {
    assert.equal(mistakes("pause", `--for=${text}`).length, 1, text);
  }
  assert.equal(mistakes("pause", "--reason", "x".repeat(201)).length, 1);
  assert.deepEqual(mistakes("pause", "now"), ["pause takes no now; see --help"]);
  assert.deepEqual(mistakes("resume", "check"), ["resume takes no check; see --help"]);
  assert.deepEqual(mistakes("accept"), ["accept needs what: DB.TABLE[:PARTITION]..."]);
  assert.deepEqual(mistakes("accept", "t"), ["t must be DB.TABLE or DB.TABLE:PARTITION"]);
  assert.deepEqual(mistakes("resume", "--for=1h"), ["--for goes with pause only"]);
  assert.deepEqual(mistakes("--once", "--reason=x"), ["--reason goes with pause only"]);
  assert.deepEqual(mistakes("check", "--once"), ["check and --once exclude each other"]);
  assert.deepEqual(mistakes("check", "--json"), ["--json does not go with check"]);
  assert.equal(mistakes("check", "--table=d.t").length, 1);
});

Deno.test("parseCommand() guesses what was meant by a mistyped verb, or a flag without its hyphens", () => {
  eachSays(mistakes("pasue"), [["pasue ", "mean pause?"]]);
  eachSays(mistakes("status"), [["status ", "mean --status?"]]);
  eachSays(mistakes("quux-corge"), [["quux-corge ", "--help"]]);
  assert.doesNotMatch(mistakes("quux-corge")[0]!, /mean/);
  for (const { name } of VERBS) assert.match(HELP, new RegExp(`^  ${name}\\b`, "m"));
});
