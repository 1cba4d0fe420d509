/** A span for each check, and within it one for each table and each repair. Without `OTEL_DENO=true` they cost nothing. */
import { type Attributes, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Step } from "../check/ports/observer.ts";
import type { CheckReport } from "../model/report.ts";

/** Runs a check within a span that says how it ended. */
export async function checkSpan<Result extends { readonly report: CheckReport }>(
  run: () => Promise<Result>,
): Promise<Result> {
  return await inSpan("check", {}, run, ({ report }) => ({
    "ch_sync.role": report.role,
    "ch_sync.active_site": report.active,
    "ch_sync.outcome": report.outcome,
    "ch_sync.tables": report.tables.length,
    ...report.error === null ? {} : { error: report.error },
  }));
}

/** Runs one step of a check within a span, which the requests that it makes belong to. */
export const stepSpan: Step = async ({ kind, table, partition }, run, summary) =>
  await inSpan(
    `${kind} ${table}${partition === undefined ? "" : ` partition ${partition}`}`,
    { "ch_sync.table": table, ...partition === undefined ? {} : { "ch_sync.partition": partition } },
    run,
    (result) => {
      const { error, ...facts } = summary(result);
      const named = Object.fromEntries(
        Object.entries(facts).map(([name, value]) => [`ch_sync.${name}`, value]),
      );
      return error === undefined ? named : { ...named, error };
    },
  );

/** @param summary attributes; `error` becomes the status */
async function inSpan<Result>(
  name: string,
  attributes: Attributes,
  run: () => Promise<Result>,
  summary: (result: Result) => Attributes,
): Promise<Result> {
  return await trace.getTracer("ch-sync").startActiveSpan("ch-sync", async (span) => {
    // Set later, because the attributes that a span starts with are not masked (see `maskSpans`).
    span.updateName(name).setAttributes(attributes);
    try {
      const result = await run();
      const { error, ...facts } = summary(result);
      span.setAttributes(facts);
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      return result;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}
