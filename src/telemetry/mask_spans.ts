/** Keeping secrets out of the spans that Deno makes for every request, and out of our own. */
import { type AttributeValue, type Span, trace } from "@opentelemetry/api";

/** Parts of a URL that may be secrets by themselves, such as the path of a webhook; and stack traces, which may hold secrets. */
const LEFT_OUT = new Set(["url.path", "url.query", "exception.stacktrace"]);

/**
 * Deno writes the full URL of each request into a span, and has no option to leave it out. So paths and queries are removed
 * from every span of the process, and its other texts pass through `redact`. Call it once, before the first request.
 *
 * @returns whether spans are exported at all (`OTEL_DENO=true`)
 */
export function maskSpans(redact: (text: string) => string): boolean {
  const probe = trace.getTracer("ch-sync").startSpan("never ended, so never exported");
  if (!probe.isRecording()) return false;
  // All spans have this prototype, also those that Deno begins, and Deno sets their attributes by these methods.
  const spans: Span = Object.getPrototypeOf(probe);
  const { setAttribute, setAttributes, setStatus, updateName, addEvent } = spans;
  const masked = (name: string, value: AttributeValue): AttributeValue => {
    if (Array.isArray(value)) {
      return value.map((one) => typeof one === "string" ? redact(one) : one) as AttributeValue;
    }
    if (typeof value !== "string") return value;
    return name === "url.full" ? originOf(value) : redact(value);
  };
  spans.setAttribute = function (name, value) {
    return LEFT_OUT.has(name) ? this : setAttribute.call(this, name, masked(name, value));
  };
  spans.setAttributes = function (values) {
    const kept = Object.entries(values).filter(([name]) => !LEFT_OUT.has(name))
      .map(([name, value]) => [name, value === undefined ? value : masked(name, value)]);
    return setAttributes.call(this, Object.fromEntries(kept));
  };
  spans.setStatus = function ({ code, message }) {
    return setStatus.call(this, message === undefined ? { code } : { code, message: redact(message) });
  };
  spans.updateName = function (name) {
    return updateName.call(this, redact(name));
  };
  // The status says what went wrong; an event would add its stack trace.
  spans.recordException = function () {};
  spans.addEvent = function (name) {
    return addEvent.call(this, redact(name));
  };
  return true;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
