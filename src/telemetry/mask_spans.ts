/** Keeping secrets out of the spans that Deno makes by itself of every request, and out of our own. */
import { type AttributeValue, type Span, trace } from "@opentelemetry/api";

/** Parts of a URL that may be a secret by themselves, as a webhook's path is; and where secrets lie about in stacks. */
const LEFT_OUT = new Set(["url.path", "url.query", "exception.stacktrace"]);

/**
 * Deno writes the whole URL of each request into a span, and offers no way to leave one out. So every span of the process
 * loses paths and queries, and what is left of its texts passes `redact`. Call it once, before the first request.
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
  // What went wrong stands in the status; an event would bring its stack, too.
  spans.recordException = function () {};
  spans.addEvent = function (name) {
    return addEvent.call(this, redact(name));
  };
  return true;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
