/** One attempt to deliver a message to a webhook. */

/** Milliseconds that one attempt may take. */
const ATTEMPT_MS = 5000;
/** Milliseconds that a receiver may ask to be left alone for. */
const LONGEST_REQUEST_MS = 3_600_000;

export type Attempt =
  | { readonly kind: "delivered" }
  /** @prop after milliseconds that the receiver asks for; null: it does not say */
  | { readonly kind: "later"; readonly problem: string; readonly after: number | null }
  /** It would be refused again. */
  | { readonly kind: "never"; readonly problem: string };

/** Never throws, and never tells the URL, which counts as a secret. */
export async function post(url: string, body: string, stop: AbortSignal): Promise<Attempt> {
  const abort = new AbortController();
  const end = () => abort.abort();
  const timer = setTimeout(end, ATTEMPT_MS);
  stop.addEventListener("abort", end, { once: true });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      // A redirect would send the message, and the secret path, somewhere else.
      redirect: "manual",
      signal: abort.signal,
    });
    await response.body?.cancel();
    return judge(response);
  } catch {
    return { kind: "later", problem: "no answer", after: null };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
  }
}

function judge({ status, headers }: Response): Attempt {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const problem = `HTTP status ${status}`;
  if (status !== 408 && status !== 429 && status < 500) return { kind: "never", problem };
  return { kind: "later", problem, after: retryAfter(headers.get("retry-after")) };
}

/** Seconds, as webhooks send them; a date is left alone. */
function retryAfter(header: string | null): number | null {
  if (header === null || !/^\d{1,9}$/.test(header.trim())) return null;
  return Math.min(Number(header) * 1000, LONGEST_REQUEST_MS);
}
