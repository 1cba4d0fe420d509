import assert from "node:assert/strict";
import { compileArguments, explain } from "../../scripts/build/binary.ts";
import { BuildError } from "../../scripts/build/commands.ts";
import { PERMISSIONS, TARGETS, THIS_TARGET } from "../../scripts/build/runtime.ts";
import { readArguments } from "../../scripts/compile.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const OTHER_TARGET = TARGETS.find((target) => target !== THIS_TARGET)!;

/** What Deno 2.9 says without a network. */
const NOT_DOWNLOADED = `error: Writing deno compile executable to temporary file '/x/ch-sync.tmp-1'
    0: Setting up base binary.
    1: error sending request for url (https://dl.deno.land/release/v2.9.6/denort-${OTHER_TARGET}.zip)

Stack backtrace:
   0: <unknown>
   1: __libc_start_call_main
`;

/** Runs something with `DENORT_BIN` set, or not set, whatever the tests were started with. */
async function withRuntimeBase<T>(path: string | null, body: () => T | Promise<T>): Promise<T> {
  const before = Deno.env.get("DENORT_BIN");
  if (path === null) Deno.env.delete("DENORT_BIN");
  else Deno.env.set("DENORT_BIN", path);
  try {
    return await body();
  } finally {
    if (before === undefined) Deno.env.delete("DENORT_BIN");
    else Deno.env.set("DENORT_BIN", before);
  }
}

Deno.test("readArguments() makes dist/ch-sync for this machine if nothing is said", () => {
  const expected = { output: "dist/ch-sync", target: THIS_TARGET, selfExtracting: false };
  assert.deepEqual(readArguments([]), expected);
});

Deno.test("readArguments() takes an output, a target and the self-extracting kind", () => {
  assert.deepEqual(readArguments(["--output", "a/b", `--target=${OTHER_TARGET}`]), {
    output: "a/b",
    target: OTHER_TARGET,
    selfExtracting: false,
  });
  assert.deepEqual(readArguments(["--self-extracting", "--output=b"]), {
    output: "b",
    target: THIS_TARGET,
    selfExtracting: true,
  });
  assert.equal(readArguments(["--help"]), "help");
});

Deno.test("readArguments() refuses what it cannot follow, with the value and what is accepted", () => {
  const wrong: [string[], RegExp][] = [
    [["--target", "sparc"], /--target=sparc must be one of x86_64-unknown-linux-gnu, aarch64-/],
    [
      ["--self-extracting", `--target=${OTHER_TARGET}`],
      /packs the Deno that is running, which is .* run it on/,
    ],
    [["--output="], /--output= must name a file/],
    [["--output=dist/"], /--output=dist\/ must name a file/],
    [["--outptu=x"], /--outptu[\s\S]*Usage: deno task compile/],
    [["dist/ch-sync"], /dist\/ch-sync[\s\S]*Usage: deno task compile/],
  ];
  for (const [args, message] of wrong) {
    assert.throws(
      () => readArguments(args),
      (error) => error instanceof BuildError && message.test(error.message),
    );
  }
});

Deno.test("compileArguments() names each target, ch-sync's own permissions, and nothing to embed beside the program", () => {
  for (const target of TARGETS) {
    const args = compileArguments("/x/ch-sync.js", "/y/ch-sync", target);
    assert.equal(args[0], "compile");
    assert.deepEqual(args.slice(-3), [`--target=${target}`, "--output=/y/ch-sync", "/x/ch-sync.js"]);
    assert.deepEqual(args.filter((arg) => arg.startsWith("--allow")), [...PERMISSIONS]);
    assert.deepEqual(args.filter((arg) => /^-A$|allow-(all|run|ffi|sys)|^--include/.test(arg)), []);
    for (const flag of ["--no-config", "--no-lock", "--no-prompt"]) assert.ok(args.includes(flag), flag);
  }
});

Deno.test("explain() says how to go on where the runtime base cannot be downloaded", async () => {
  const text = await withRuntimeBase(null, () => explain(NOT_DOWNLOADED, OTHER_TARGET));
  assert.match(text, new RegExp(`^Deno's runtime base for ${OTHER_TARGET} could not be downloaded:`));
  assert.match(text, /error sending request/);
  assert.match(text, new RegExp(`fetch denort-${OTHER_TARGET}\\.zip of Deno ${Deno.version.deno}`));
  assert.match(text, /DENORT_BIN/);
  assert.match(text, new RegExp(`on a machine that is ${OTHER_TARGET}, --self-extracting`));
  assert.doesNotMatch(text, /backtrace|unknown>|libc_start/);
});

Deno.test("explain() puts it down to DENORT_BIN where that is set, and to nothing else otherwise", async () => {
  const given = await withRuntimeBase("/y/denort", () => explain(NOT_DOWNLOADED, OTHER_TARGET));
  assert.match(given, /^DENORT_BIN=\/y\/denort did not work as the runtime base of Deno/);
  assert.doesNotMatch(given, /downloaded/);
  const other = await withRuntimeBase(null, () => explain("error: No space left on device\n", OTHER_TARGET));
  assert.equal(other, "deno compile failed:\nerror: No space left on device");
});

/** `deno task compile` with a runtime base that is none. */
async function compileWith(base: string): Promise<{ code: number; stderr: string; left: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "compile", "--output", `${folder}/ch-sync`],
      cwd: ROOT,
      env: { DENORT_BIN: base, NO_COLOR: "1" },
    }).output();
    return {
      code,
      stderr: new TextDecoder().decode(stderr),
      left: [...Deno.readDirSync(folder)].map(({ name }) => name),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// A file that is not there; a file that is no program; a program that is not Deno's, which deno compile accepts.
for (const base of ["/nonexistent/denort", `${ROOT}LICENSE`, "/bin/true"]) {
  const called = base.replace(ROOT, "");
  Deno.test(`deno task compile with DENORT_BIN=${called} says what is wrong, and leaves no binary`, async () => {
    const { code, stderr, left } = await compileWith(base);
    assert.equal(code, 1);
    assert.match(stderr, /^DENORT_BIN=\S+ did not work as the runtime base of Deno \d+\.\d+\.\d+ for /);
    assert.match(stderr, /It must be denort of that version and target/);
    assert.doesNotMatch(stderr, /^ +at |Uncaught|__libc/m);
    assert.deepEqual(left, []);
  });
}
