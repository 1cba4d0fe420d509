/** One request to a webhook, and what the answer means. */
import type { QueuedMessage, WebhookAnswer } from "../model/message.ts";
import { type Format, payload } from "./payload.ts";

/** Milliseconds that one attempt may take. */
const ATTEMPT_MS = 5000;

/** Where messages go. */
export interface Webhook {
  /** A secret. */
  readonly url: string;
  readonly format: Format;
}

/**
 * Posts the message once. Never throws; problems are described without the URL.
 *
 * @param stop aborts the attempt; nobody knows then whether it was accepted
 */
export async function deliver(
  { url, format }: Webhook,
  message: QueuedMessage,
  stop: AbortSignal,
): Promise<WebhookAnswer> {
  const abort = new AbortController();
  const end = () => abort.abort();
  const timer = setTimeout(end, ATTEMPT_MS);
  stop.addEventListener("abort", end, { once: true });
  if (stop.aborted) end();
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload(format, message, new Date())),
      // A redirect would send the message, and the secret path, somewhere else.
      redirect: "manual",
      signal: abort.signal,
    });
    // The status says it all: a body that breaks off does not undo the delivery.
    await response.body?.cancel().catch(() => {});
    return meaning(response.status, response.headers.get("retry-after"), new Date());
  } catch {
    return { kind: "not_now", problem: "no answer", askedMs: 0 };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
  }
}

/**
 * What a status means.
 *
 * @param retryAfter the header: seconds, or a date (RFC 9110, 10.2.3); anything else counts as absent
 */
export function meaning(status: number, retryAfter: string | null, now: Date): WebhookAnswer {
  if (status >= 200 && status < 300) return { kind: "taken" };
  const problem = `HTTP status ${status}`;
  const passing = status === 408 || status === 429 || status >= 500;
  if (!passing) return { kind: "refused", problem };
  const asked = retryAfter?.trim() ?? "";
  const askedMs = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - now.getTime();
  return { kind: "not_now", problem, askedMs: askedMs > 0 ? askedMs : 0 };
}
