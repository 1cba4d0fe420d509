/** What must hold whatever strangers write: each property takes so many generated inputs. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { ClickHouseError } from "@clickhouse/client-web";
import { fc } from "../support/seed.ts";
import { SiteError, toSiteError } from "../../src/clickhouse/http/errors.ts";
import { identifier, literal } from "../../src/clickhouse/sql/quoting.ts";
import { ReadableClickHouse } from "../../src/clickhouse/readable_site.ts";
import { Connection } from "../../src/clickhouse/http/connection.ts";
import { readEnvironment } from "../../src/config/env_file.ts";
import { describeMistake } from "../../src/config/mistake.ts";
import { readSettings } from "../../src/config/read_settings.ts";
import { SETTINGS } from "../../src/config/table/table.ts";
import { resolveRole } from "../../src/dns/resolve_role.ts";
import { jsonLine, textLine } from "../../src/log/configure_log.ts";
import { makeRedactor } from "../../src/log/redact.ts";
import { message as messageOf, messageText } from "../../src/notify/messages.ts";
import { escapeControls } from "../../src/text/escape_controls.ts";
import { renderReport } from "../../src/report/render_report.ts";
import { renderStatus } from "../../src/report/render_status.ts";
import { parsePage, parseTable } from "../../src/state/parse_memory.ts";
import { parseState } from "../../src/state/parse_state.ts";
import { EXAMPLE } from "../support/data/example_environment.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";
import { found, report } from "../support/data/tables.ts";
import type { Site } from "../support/sites/two_sites.ts";
import { CONTROLS, hostileJson, hostileText, sendableText } from "./hostile_text.ts";

/** Such a secret stands in no generated text. */
const SECRET = "S3cret'\\\"pässwörd";
const redact = makeRedactor([SECRET]);
const NOW = new Date("2026-01-01T00:00:00Z");
const STATUS_FACTS = { role: "dr", failbackCleanChecks: 3, checkIntervalSeconds: 300, repairs: [] } as const;

/** One line that moves no cursor. */
function assertPlainLine(line: string): void {
  assert.doesNotMatch(line, CONTROLS);
  assert.ok(!line.includes(SECRET), line);
}

function logLines(text: string): string[] {
  const record = {
    category: ["ch-sync"],
    level: "error",
    timestamp: NOW.getTime(),
    message: ["", text, ""],
    rawMessage: "{text}",
    properties: { table: text },
  } as const;
  return [textLine(record, redact), jsonLine(record, redact)];
}

/** Settings, or mistakes that can be printed and hold no secret. */
export function configuration(numRuns: number): void {
  const names = fc.constantFrom(
    ...SETTINGS.map(({ name }) => name).filter((name) => !name.endsWith("_FILE")),
  );
  const pair = fc.tuple(fc.oneof(names, names, hostileText), hostileText);
  const property = fc.property(fc.array(pair, { minLength: 1, maxLength: 5 }), (pairs) => {
    const environment = { ...EXAMPLE, LOCAL_CH_PASSWORD: SECRET, ...Object.fromEntries(pairs) };
    const read = readSettings(environment, () => SECRET);
    if (read.kind === "mistakes") {
      for (const mistake of read.mistakes) assertPlainLine(escapeControls(describeMistake(mistake)));
      return;
    }
    const { settings } = read;
    assert.match(settings.local.url + settings.remote.url, /^https?:\/\/[^\s/@]+https?:\/\/[^\s/@]+$/);
    assert.match(settings.dns.record, /^[\w.-]+$/);
    assert.match(settings.remoteCollection ?? "a", /^\w+$/);
    assert.ok(settings.remoteNative.port >= 1 && settings.remoteNative.port <= 65_535);
  });
  fc.assert(property, { numRuns });
}

/** A file of variables gives names that are names, or problems without its text. */
export function environmentFile(numRuns: number): void {
  const line = fc.tuple(fc.oneof(fc.constantFrom("ROLE", "LOCAL_CH_PASSWORD"), hostileText), hostileText)
    .map(([name, value]) => `${name}=${value}`);
  const property = fc.property(fc.array(fc.oneof(line, hostileText), { maxLength: 6 }), (lines) => {
    const { environment, mistakes } = readEnvironment({}, "x", () => [...lines, `A=${SECRET}`].join("\n"));
    for (const name of Object.keys(environment)) assert.match(name, /^[A-Za-z_]\w*$/);
    for (const mistake of mistakes) assertPlainLine(escapeControls(describeMistake(mistake)));
  });
  fc.assert(property, { numRuns });
}

/** Any bytes are a state, or the reason why they are none; a state can be printed, and is ready only with a reason. */
export function state(numRuns: number): void {
  const spoilt = fc.tuple(arbitraryState, hostileText, hostileJson).map(([state, name, value]) => {
    const names = Object.keys(state);
    return JSON.stringify({ ...state, [names[name.length % names.length]!]: value });
  });
  const cut = fc.tuple(spoilt, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));
  const anything = fc.oneof(
    spoilt,
    cut,
    hostileJson.map((value) => JSON.stringify(value) ?? ""),
    hostileText,
  );
  const bytes = fc.oneof(
    { arbitrary: anything.map((text) => new TextEncoder().encode(text)), weight: 5 },
    fc.uint8Array({ maxLength: 100 }),
  );
  const property = fc.property(bytes, (content) => {
    const parsed = parseState(new Uint8Array(content));
    // Parts of the memory: what they are not, they say without throwing.
    assert.equal(typeof parseTable(new Uint8Array(content)), "object");
    assert.equal(typeof parsePage(new Uint8Array(content)), "object");
    if (parsed.kind === "corrupt") assertPlainLine(parsed.problem);
    if (parsed.kind !== "state") return;
    for (const line of renderStatus(parsed.state, STATUS_FACTS, NOW).split("\n")) assertPlainLine(line);
    if (parsed.state.failback_ready) assert.ok(parsed.state.consecutive_clean > 0);
  });
  fc.assert(property, { numRuns });
}

/** What an operator, a terminal, a log and a chat get to see of any name and any text of an error. */
export function texts(numRuns: number): void {
  const property = fc.property(hostileText, hostileText, fc.boolean(), (name, text, whole) => {
    const error = whole
      ? new ClickHouseError({ message: `${text} ${SECRET} ${text}`, code: "62", type: "SYNTAX_ERROR" })
      : new TypeError("fetch failed", { cause: new Error(`${text} ${SECRET}`) });
    const { message } = toSiteError(error, "remote", redact);
    assert.ok(message.length < 800, message);
    for (const line of logLines(message).concat(logLines(name))) assertPlainLine(line);
    const findings = [found({ table: name, partitionId: text, detail: message, sql: [name] })];
    const tables = [{ table: name, findings, warnings: [text] }];
    for (const dryRun of [false, true]) {
      const all = report(tables, { dryRun, warnings: [text], error: text });
      const lines = renderReport(all, { sql: true }).split("\n");
      for (const line of lines) assertPlainLine(line);
      // Only a statement is printed in as many lines as it has.
      assert.ok(lines.length <= 7 + name.split("\n").length, lines.join("\n"));
    }
    for (
      const event of [
        { kind: "gap_detected", tables: [name, text] },
        { kind: "new_tables", tables: [name] },
        { kind: "refused", what: [text], reasons: [] },
        { kind: "failback_not_ready", because: message, active: false },
      ] as const
    ) {
      const [, ...lines] = messageText(messageOf(event)).split("\n");
      assert.ok(lines.length <= 3);
      for (const line of lines) {
        // No markup, no entity of a stranger's, and no mention: the invisible space keeps @ from meaning anybody.
        assert.doesNotMatch(line, /[<>`]|@(?!\u200b)|&(?!amp;|lt;|gt;)/);
        assert.doesNotMatch(line.replaceAll("\u200b", ""), CONTROLS);
      }
    }
  });
  fc.assert(property, { numRuns });
}

/** A secret of any characters, amid any text, in any form. */
export function secrets(numRuns: number): void {
  const secret = fc.tuple(fc.stringMatching(/^[a-z]{8}$/), sendableText).map((parts) => parts.join(""));
  const property = fc.property(secret, hostileText, hostileText, (secret, before, after) => {
    const mask = makeRedactor([secret]);
    const forms = [
      secret,
      literal(secret),
      JSON.stringify(secret),
      JSON.stringify(literal(secret)),
      encodeURIComponent(secret),
      `http://user:${encodeURIComponent(secret)}@host/`,
      `remote('h:9000', d.t, 'u', ${literal(secret)})`,
    ];
    for (const form of forms) assert.ok(!mask(`${before} ${form} ${after}`).includes(secret), form);
  });
  fc.assert(property, { numRuns });
}

/** Names and values come back from a real server as they were sent, many in each statement. */
export async function quoting(site: Site, numRuns: number): Promise<void> {
  const atOnce = 100;
  const values = fc.sample(sendableText, numRuns);
  for (let at = 0; at < values.length; at += atOnce) {
    const some = values.slice(at, at + atOnce);
    const columns = some.map((value, index) => `${literal(value)} AS ${identifier(`${index}${value}`)}`);
    const [row = {}] = await site.rows<Record<string, string>>(`SELECT ${columns.join(", ")}`);
    assert.deepEqual(Object.keys(row).sort(), some.map((value, index) => `${index}${value}`).sort());
    for (const [index, value] of some.entries()) assert.equal(row[`${index}${value}`], value);
  }
}

/** Whatever answers over HTTP in a server's place: rows, or an error that an operator can read. */
export async function httpAnswers(numRuns: number): Promise<void> {
  let answer = (_queryId: string) => new Response();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(new URL(request.url).searchParams.get("query_id") ?? ""),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const connection = new Connection({
    site: "remote",
    endpoint: { url, user: "u", password: SECRET },
    queryIdPrefix: "ch-sync-dr-hostile",
    redact,
    signal: new AbortController().signal,
  });
  const site = new ReadableClickHouse({ connection, url, connectTimeoutMs: 1000 });
  const body = fc.oneof(
    hostileText,
    hostileJson.map((value) => JSON.stringify(value) ?? ""),
    fc.array(hostileJson, { maxLength: 3 }).map((data) => JSON.stringify({ data, rows: data.length })),
    hostileText.map((exception) => JSON.stringify({ exception })),
    fc.tuple(hostileText, hostileText).map(([a, b]) =>
      `Code: 60. DB::Exception: ${a} ${SECRET} (${b}) (UNKNOWN_TABLE)`
    ),
    fc.tuple(hostileText, fc.nat(60)).map(([text, times]) => text.repeat(times * 50)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder("latin1").decode(bytes)),
  );
  const status = fc.constantFrom(200, 200, 200, 204, 301, 307, 400, 403, 404, 500, 502, 503);
  const header = fc.constantFrom(
    {},
    { location: "http://127.0.0.1:9/" },
    { "x-clickhouse-exception-code": "60" },
    { "x-clickhouse-exception-tag": "abcdefghijklmnop" },
    { "content-type": "text/html" },
  );
  const asks: readonly (() => Promise<unknown>)[] = [
    () => connection.rows("SELECT 1"),
    () => connection.one("SELECT 1"),
    () => connection.command("SELECT 1"),
    () => site.facts(600),
    () => site.run(),
    () => site.catalog(),
    () => site.partitions([{ database: "d", name: "t" }]),
    () => site.ping(),
  ];
  const property = fc.asyncProperty(body, status, header, fc.nat(), async (body, status, headers, which) => {
    // Half of them pass for the server's own.
    answer = (queryId) =>
      new Response(status === 204 ? null : body, {
        status,
        headers: { ...headers, ...which % 2 === 0 ? { "x-clickhouse-query-id": queryId } : {} },
      });
    try {
      await asks[(which >> 1) % asks.length]!();
    } catch (error) {
      assert.ok(error instanceof Error, String(error));
      if (error instanceof SiteError) assert.ok(error.message.length < 900, error.message);
      for (const line of logLines(error.message)) assertPlainLine(line);
    }
  });
  try {
    await fc.assert(property, { numRuns });
  } finally {
    await connection.close();
  }
}

/** Whatever a name server sends: nobody is active unless it names exactly one site. */
export async function dnsAnswers(numRuns: number): Promise<void> {
  const socket = createSocket("udp4");
  let tail: Uint8Array = new Uint8Array();
  let flags = [0x81, 0x80];
  socket.on("message", (query, from) => {
    // The question's number, so that the answer is looked at; then what the test made up.
    const head = [...query.subarray(0, 2), ...flags];
    socket.send(new Uint8Array([...head, ...tail]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  const dns = {
    record: "clickhouse.example",
    primaryIp: "192.0.2.1",
    drIp: "192.0.2.2",
    server: { host: "127.0.0.1", port },
  };
  const name = [...new TextEncoder().encode("\x0aclickhouse\x07example\x00")];
  const record = fc.tuple(fc.constantFrom(1, 5, 16, 28), fc.uint8Array({ maxLength: 20 })).map((
    [type, data],
  ) => [
    0xc0,
    0x0c,
    0,
    type,
    0,
    1,
    0,
    0,
    0,
    1,
    0,
    data.length,
    ...data,
  ]);
  const wellFormed = fc.array(record, { maxLength: 4 }).map((records) =>
    new Uint8Array([0, 1, 0, records.length, 0, 0, 0, 0, ...name, 0, 1, 0, 1, ...records.flat()])
  );
  const answer = fc.oneof(wellFormed, fc.uint8Array({ maxLength: 80 }));
  const twoBytes = fc.tuple(fc.integer({ min: 0x80, max: 0xff }), fc.nat(255));
  const property = fc.asyncProperty(answer, twoBytes, async (bytes, some) => {
    tail = bytes;
    flags = some;
    const { active, unexpected, problem } = await resolveRole({ dns, activeSite: "unknown" }, 100);
    // No generated address is one of the two sites' but by a chance of one in two thousand million.
    assert.equal(active, "unknown");
    for (const text of [...unexpected, problem ?? ""]) {
      for (const line of logLines(text)) assertPlainLine(line);
    }
  });
  try {
    await fc.assert(property, { numRuns });
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}
