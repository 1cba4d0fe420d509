import assert from "node:assert/strict";
import { getLogger } from "@logtape/logtape";
import { fc } from "../support/seed.ts";
import { configureLog, type LogOptions } from "../../src/log/configure_log.ts";
import { makeRedactor } from "../../src/log/redact.ts";

const log = getLogger(["ch-sync"]);

/** The lines that are written while `speak` runs. */
async function linesOf(options: Partial<LogOptions>, speak: () => void): Promise<string[]> {
  const lines: string[] = [];
  const redact = makeRedactor(["hunter2"]);
  await configureLog({
    level: "info",
    format: "text",
    redact,
    write: (line) => lines.push(line),
    ...options,
  });
  speak();
  return lines;
}

Deno.test("configureLog() prints the lines that people grep for", async () => {
  const lines = await linesOf({ level: "debug" }, () => {
    log.info("Checking table: {table}", { table: "default.http_telemetry" });
    log.warn("Remote ClickHouse unhealthy: {url}", { url: "http://192.168.100.143:8123" });
    log.error("ClickHouse execute error: {text}", { text: "Timeout: connect timed out" });
    log.debug("{rows} rows in {list}", { rows: 5n, list: "a.b, c.d" });
  });
  assert.deepEqual(lines, [
    "[INFO] Checking table: default.http_telemetry",
    "[WARN] Remote ClickHouse unhealthy: http://192.168.100.143:8123",
    "[ERROR] ClickHouse execute error: Timeout: connect timed out",
    "[DEBUG] 5 rows in a.b, c.d",
  ]);
});

Deno.test("configureLog() puts the time before all that people grep for", async () => {
  const [line = ""] = await linesOf({ times: true }, () => log.info("FAILBACK READY"));
  assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[INFO\] FAILBACK READY$/);
});

Deno.test("configureLog() leaves out what is below the level", async () => {
  const lines = await linesOf({ level: "warning" }, () => {
    log.info("no");
    log.warn("yes");
  });
  assert.deepEqual(lines, ["[WARN] yes"]);
});

Deno.test("configureLog() lets no value forge a line, move the cursor or show a secret", async () => {
  const speak = () =>
    log.info("Table {table}", { table: "a\n[INFO] FAILBACK READY\x1b[2J\x9b\u202e hunter2" });
  assert.deepEqual(await linesOf({}, speak), [
    "[INFO] Table a\\x0a[INFO] FAILBACK READY\\x1b[2J\\x9b\\u202e ***",
  ]);
  const [line = ""] = await linesOf({ format: "json" }, speak);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u202e]|hunter2/);
  assert.equal(JSON.parse(line).table, "a\n[INFO] FAILBACK READY\x1b[2J\x9b\u202e ***");
});

Deno.test("configureLog() prints one JSON object a line, whose own fields no value overrides", async () => {
  const [line = ""] = await linesOf({ format: "json" }, () =>
    log.warn("Repaired {table}", {
      table: "a.b",
      rows: 5n,
      error: new Error("with hunter2"),
      deep: { list: ["hunter2"] },
      level: "info",
      time: "never",
    }));
  const { time, ...rest } = JSON.parse(line);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    level: "warn",
    message: "Repaired a.b",
    table: "a.b",
    rows: "5",
    error: "with ***",
    deep: { list: ["***"] },
  });
});

Deno.test("configureLog() prints any text on one line", async () => {
  for (const format of ["text", "json"] as const) {
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      const [line = "", ...more] = await linesOf({ format }, () => log.info("{text}", { text }));
      assert.deepEqual(more, []);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
    }));
  }
});

Deno.test("configureLog() writes to stderr, and outlives its reader", async () => {
  const script = `
    import { getLogger } from "@logtape/logtape";
    import { configureLog } from ${
    JSON.stringify(new URL("../../src/log/configure_log.ts", import.meta.url).href)
  };
    await configureLog({ level: "info", format: "text", redact: (text) => text });
    getLogger(["ch-sync"]).info("first");
    await Deno.stdin.readable.getReader().read();
    for (let i = 0; i < 3; i++) getLogger(["ch-sync"]).info("x".repeat(100_000));
    Deno.stdout.writeSync(new TextEncoder().encode("survived"));
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const running = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", `--config=${config}`, file],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = running.stderr.getReader();
    const { value } = await reader.read();
    assert.equal(new TextDecoder().decode(value), "[INFO] first\n");
    await reader.cancel();
    const writer = running.stdin.getWriter();
    await writer.write(new Uint8Array([10]));
    await writer.close();
    assert.equal(await running.stdout.text(), "survived");
    assert.equal((await running.status).code, 0);
  } finally {
    await Deno.remove(file);
  }
});
