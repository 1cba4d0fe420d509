/** Whether an answer is the server's, and complete: a proxy in between may cut it off or answer by itself. */
import { counted } from "../../text/readable.ts";

/** An answer that is not the server's, or not all of it. */
export class UnsoundAnswer extends Error {}

/** @throws {UnsoundAnswer} if the headers are not those of ClickHouse's answer to this very statement */
export function assertAnswerTo(queryId: string, headers: Readonly<Record<string, unknown>>): void {
  if (headers["x-clickhouse-query-id"] === queryId) return;
  throw new UnsoundAnswer(
    "something other than ClickHouse answered, such as a proxy: the answer has no X-ClickHouse-Query-Id of the " +
      "statement; check the URL and what is in front of the server",
  );
}

/**
 * Every answer names its server, for nothing. Servers that share a name are told apart by what they are asked.
 *
 * @param before name of the server that answered before; null: none did
 * @returns the name of this one; null: something in between took it away
 * @throws {UnsoundAnswer} if it is another one
 */
export function assertSameServer(
  before: string | null,
  headers: Readonly<Record<string, unknown>>,
): string | null {
  const name = headers["x-clickhouse-server-display-name"];
  if (typeof name !== "string") return before;
  if (before === null || before === name) return name;
  throw new UnsoundAnswer(
    `two servers answered by turns, ${before.slice(0, 100)} and ${
      name.slice(0, 100)
    }: give the address of one server, ` +
      "past whatever balances between them",
  );
}

/** @throws {UnsoundAnswer} if the body that should be empty, or a table, holds an exception after status 200 */
export function assertNoException(body: string): void {
  const exception = body.match(/Code: \d+\. DB::(?:Net)?Exception: [^\n]*/);
  if (exception) {
    throw new UnsoundAnswer(`an exception followed the status 200: ${exception[0]}`);
  }
}

/**
 * Rows of an answer in the format JSON, which unlike JSONEachRow has an end: half an answer must never look like a
 * site with fewer tables.
 *
 * @throws {UnsoundAnswer} if it is not whole
 */
export function decodeRows<Row>(text: string): Row[] {
  let answer: { data?: Row[]; rows?: number; exception?: string };
  try {
    answer = JSON.parse(text);
  } catch {
    assertNoException(text);
    throw new UnsoundAnswer(
      `the answer was cut off, or changed, on its way: ${counted(text.length, "character")} came`,
    );
  }
  if (answer?.exception) throw new UnsoundAnswer(`an exception followed the status 200: ${answer.exception}`);
  const { data, rows } = (answer ?? {}) as { data?: Row[]; rows?: number };
  const whole = Array.isArray(data) && data.length === rows;
  if (whole && data.every((row) => typeof row === "object" && row !== null)) return data;
  throw new UnsoundAnswer("the answer does not hold as many rows as it says");
}

/** Rows that a statement wrote, as the server sums it up beside its answer; null: it wrote none, or does not say. */
export function writtenRows(headers: Readonly<Record<string, unknown>>): number | null {
  const [, rows = "0"] = /"written_rows":"(\d{1,15})"/.exec(String(headers["x-clickhouse-summary"])) ?? [];
  return Number(rows) || null;
}
