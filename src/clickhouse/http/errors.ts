/** What went wrong at a site, in words for an operator. */
import { ClickHouseError } from "@clickhouse/client-web";
import { UnsoundAnswer } from "./answers.ts";
import { certificateProblem, isServersTlsProblem } from "./certificate_problem.ts";

/** Why a statement was given up that no server refused. */
export const STOPPING = "ch-sync is shutting down";

/** A statement that failed, or a site that did not answer. The message is for operators and holds no secret. */
export class SiteError extends Error {
  override readonly name = "SiteError";
  constructor(
    /** Which site: `local` or `remote`. */
    readonly site: "local" | "remote",
    /** ClickHouse's number of the error; null: no answer of ClickHouse came. */
    readonly code: number | null,
    /** The message without the part that all have in common. */
    readonly problem: string,
    /** If no answer came: what became of the statement in the server; null: it never began, or nobody asked. */
    readonly fate: StatementFate | null = null,
    /** What to do about it, with which the problem ends; null: nothing is known. */
    readonly remedy: string | null = null,
  ) {
    super(`${problem.startsWith(STOPPING) ? "" : "ClickHouse execute error: "}${problem} (${site} site)`);
  }
}

/** Whether the server answered, and refused. */
export function isAnswer(error: unknown): error is SiteError & { readonly code: number } {
  return error instanceof SiteError && error.code !== null;
}

const UNREACHED =
  "the local ClickHouse cannot reach REMOTE_CH_HOST:REMOTE_CH_PORT, or, of several shards of this site, LOCAL_CH_HOST:LOCAL_CH_PORT: " +
  "check the native port and the firewall";

/** What to do about errors that operators meet, by ClickHouse's error code. */
const HINTS: Readonly<Record<number, string>> = {
  32:
    "the connection to the other site broke: look whether its server was restarted; the next check tries again",
  33:
    "the connection to the other site broke: look whether its server was restarted; the next check tries again",
  115: "this server is older than the setting: upgrade it, or take the setting out of the table's definition",
  164: "the user's profile forbids settings: give it readonly = 2 instead of 1",
  170:
    "if REMOTE_COLLECTION is set: this site's server has no such named collection; create it, or correct the name",
  192: "create the user, or correct the user name",
  209:
    "the other site fell silent in the middle of the statement: check the network between the sites; the next check tries again",
  210: UNREACHED,
  279: UNREACHED,
  241: "the server ran out of memory, with small blocks too: raise max_memory_usage of ch-sync's user or " +
    "max_server_memory_usage, or repair at a quieter time",
  242: "the replicated table is read-only: bring its Keeper back up",
  243: "free disk space at the local site",
  252: "wait until merges have caught up, or use larger inserts",
  452:
    "the profile of ch-sync's user fixes this setting, so what ch-sync reads could not be relied on: remove the constraint " +
    "(const, min, max), or give its user a profile of its own",
  497: "a right is missing: ch-sync --doctor prints what to grant",
  516:
    "check the user and the password: LOCAL_CH_… for the local site, REMOTE_CH_… for the remote one; if REMOTE_COLLECTION is " +
    "set, those in that named collection too",
  519:
    "the local ClickHouse cannot read the remote table: check REMOTE_CH_HOST, REMOTE_CH_PORT and credentials",
};

/** The local server connects to the native port, and trusts the CA certificates of its own configuration. */
const SERVERS_TLS =
  "the local ClickHouse server does not accept the certificate of REMOTE_CH_HOST:REMOTE_CH_PORT, or, of several shards of this " +
  "site, of LOCAL_CH_HOST:LOCAL_CH_PORT: renew it if it has expired (--doctor tells); else name its authority in " +
  "the local server's configuration (openSSL, client, caConfig), and use a host name that the certificate holds";

/** `olderValues` sends it for the sake of the older server, and the newer one has no other way to read a statement. */
const ALWAYS_ANALYZES =
  "a server before 24.3 cannot be paired with one of 26.9 or newer: upgrade the older one to 24.3 or newer";

/** What to do about it, if that is known. */
function hintOf(code: number, message: string): string | undefined {
  if (isServersTlsProblem(message)) return SERVERS_TLS;
  if (code === 452 && /allow_experimental_analyzer\W+cannot be disabled/.test(message)) {
    return ALWAYS_ANALYZES;
  }
  return HINTS[code];
}

/**
 * Turns whatever the client threw into a `SiteError` without secrets.
 *
 * @param redact removes passwords, which error texts quote with the statement
 */
export function toSiteError(
  error: unknown,
  site: "local" | "remote",
  redact: (text: string) => string,
): SiteError {
  if (error instanceof SiteError) return error;
  if (error instanceof ClickHouseError) {
    const code = Number(error.code);
    const remedy = hintOf(code, error.message) ?? null;
    // Redacted before it is cut: half a password would not be recognised.
    const message = firstSentence(redact(error.message));
    const text = `${message} (${error.type ?? "ClickHouse"}, code ${error.code})`;
    return new SiteError(site, code, remedy === null ? text : `${text}; ${remedy}`, null, remedy);
  }
  const problem = error instanceof UnsoundAnswer ? error.message : connectionProblem(error);
  return new SiteError(site, null, firstSentence(redact(problem)));
}

/** The reason of a failed connection, which `fetch` hides in `cause`. */
export function connectionProblem(error: unknown): string {
  // Without the URL, in which settings such as timeout_overflow_mode stand.
  const text = (error instanceof Error ? rootCause(error) : String(error)).replace(
    / for url \(.*?\)(?=:|$)/,
    "",
  );
  if (/<\/?(html|head|body|title)\b/i.test(text)) {
    const title = text.match(/<title>([^<]{1,100})/i)?.[1]?.trim();
    return `a page of HTML came${
      title ? ` (${title})` : ""
    } and no answer of ClickHouse: check the URL and what stands ` +
      "before the server";
  }
  if (/timed?[ -]?out|TimeoutError/i.test(text)) return "Timeout: connect timed out";
  if (/^The user aborted a request/.test(text)) return "Timeout: connect timed out";
  const plain = text.replace(/\s+/g, " ").trim();
  return certificateProblem(plain) ?? plain;
}

function rootCause(error: Error): string {
  return error.cause instanceof Error ? rootCause(error.cause) : error.message;
}

/** ClickHouse quotes entire statements in some messages; 300 characters hold what matters. */
function firstSentence(message: string): string {
  const text = message.replace(/\s+/g, " ").trim();
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Not enough rights (497), or a table that this version does not have (60). */
export function isDenied(error: unknown): boolean {
  return error instanceof SiteError && (error.code === 497 || error.code === 60);
}

/** Whether a statement that failed may still be under way in the server. */
export function mayGoOn(error: unknown): boolean {
  return error instanceof SiteError && error.fate !== null && error.fate !== "ended";
}

/** `ended`: the server does not run it (any more). `running`: it does. `unknown`: the server could not be asked. */
export type StatementFate = "ended" | "running" | "unknown";
