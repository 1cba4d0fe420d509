/** The HTTP server of the status page and the metrics: it only reads, and it answers only GET. */
import { isIP } from "node:net";
import { Hono } from "hono";
import type { Board } from "../model/board.ts";
import type { PastEvent, RunningCheck, SiteView } from "../model/live.ts";
import type { RunDay } from "../model/run_day.ts";
import type { KeyPair } from "../model/settings.ts";
import type { NeighbourVerdict } from "../model/neighbour.ts";
import { bothVerdict } from "../verdict/neighbour_words.ts";
import type { Pause } from "../model/pause.ts";
import type { State } from "../model/state.ts";
import { escapeInJson } from "../text/escape_controls.ts";
import { verdictOf, type VerdictPolicy } from "../verdict/failback_words.ts";
import { serveConnections } from "./connections.ts";
import { REFUSALS } from "./http_answer.ts";
import { EVERY_MS, Login, type LoginOptions } from "./login.ts";
import { renderPage } from "./page.ts";
import { whyNotServing } from "./why_not_serving.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** What is shown; read at each request. */
export interface StatusSource {
  readonly state: State;
  readonly check: RunningCheck | null;
  readonly nextCheck: Date | null;
  readonly waiting: string | null;
  readonly sites: readonly SiteView[];
  readonly events: readonly PastEvent[];
  board(table: string | null): Promise<Board | null>;
  /** Kept checks of the last month, by day. */
  month(): Promise<ReadonlyMap<string, RunDay>>;
  /** What holds repairs back; absent: nothing does. */
  paused?(): Promise<Pause | null>;
  /** What vm-sync says; absent, or null: nobody asks. */
  neighbour?(): Promise<NeighbourVerdict | null>;
}

export interface StatusOptions {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Null: plain HTTP. */
  readonly tls: KeyPair | null;
  /** Names by which it is reached, in small letters, besides `localhost` and that of `listen`. */
  readonly hosts: readonly string[];
  /** Null: whoever reaches the address may look. */
  readonly login: LoginOptions | null;
  readonly policy: VerdictPolicy;
  readonly source: StatusSource;
  readonly metrics: () => Promise<{ readonly body: string; readonly contentType: string }>;
  /** Hears of a page that could not be made, and of trouble with connections. */
  readonly onError: (text: string) => void;
  /** @param from the address that it came from */
  readonly onWrongPassword: (from: string) => void;
}

export interface StatusServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What comes with a request. */
type Bindings = { readonly from: string };

/** Sent with every answer. */
const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** @throws if the address cannot be listened on */
export async function serveStatus(options: StatusOptions): Promise<StatusServer> {
  const { listen, tls, onError } = options;
  const app = await routes(options);
  return serveConnections({
    listen,
    tls,
    answer: async (request, from) => await app.fetch(request, { from }),
    onTrouble: (text) => onError(`The status page takes no connection at the moment, checks go on: ${text}`),
  });
}

async function routes(options: StatusOptions): Promise<Hono<{ Bindings: Bindings }>> {
  const { listen, hosts, login, policy, source, metrics, onError, onWrongPassword } = options;
  const app = new Hono<{ Bindings: Bindings }>();
  const security = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ` +
    `connect-src 'self'; style-src '${await hashOf(STYLE)}'; script-src '${await hashOf(SCRIPT)}'`;
  const own = new Set(["localhost", listen.hostname.toLowerCase(), ...hosts]);
  app.use(async (context, next) => {
    context.header("content-security-policy", security);
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      context.header("allow", "GET, HEAD");
      return context.text(REFUSALS[405], 405);
    }
    if (!isOwnHost(new URL(context.req.url).hostname, own)) {
      return context.text(
        "ch-sync does not know this name for itself: add it to STATUS_HOSTS, or use an address\n",
        421,
      );
    }
    return await next();
  });
  // A liveness probe has no password, and learns nothing.
  app.get("/healthz", (context) => context.text("ok\n"));
  const gate = login === null ? null : new Login(login);
  app.use(async (context, next) => {
    const { from } = context.env;
    const outcome = gate ? await gate.look(context.req.header("authorization") ?? null, from) : "in";
    if (outcome === "in") return await next();
    if (outcome === "wrong") onWrongPassword(from);
    if (outcome === "later") {
      context.header("retry-after", String(EVERY_MS / 1000));
      return context.text("Too many wrong passwords: try again in a few seconds\n", 429);
    }
    context.header("www-authenticate", 'Basic realm="ch-sync", charset="UTF-8"');
    return context.text("Log in: user and password are in the configuration of ch-sync\n", 401);
  });
  app.get("/", async (context) => {
    const table = context.req.query("table") ?? null;
    const now = new Date();
    const { state, check, nextCheck, waiting, sites, events } = source;
    const [board, month] = await Promise.all([source.board(table), source.month()]);
    const verdict = verdictOf(state, policy, now);
    const wanted = policy.failbackCleanChecks;
    const paused = await source.paused?.() ?? null;
    const neighbour = await source.neighbour?.() ?? null;
    const standing = { now, verdict, state, wanted, paused, neighbour };
    const facts = { ...standing, sites, check, nextCheck, waiting, board, table, events, month };
    return context.html(renderPage(facts));
  });
  app.get("/readyz", (context) => {
    const problem = whyNotServing(source.state, policy, source.waiting, new Date());
    return context.text(`${problem ?? "ok"}\n`, problem === null ? 200 : 503);
  });
  app.get("/state.json", async (context) => {
    context.header("content-type", "application/json");
    const { state } = source;
    const neighbour = await source.neighbour?.() ?? null;
    const more = {
      ...source.paused ? { paused: await source.paused() } : {},
      ...neighbour ? { neighbour, safe_for_both: bothVerdict(state, neighbour, new Date()).safe } : {},
    };
    return context.body(escapeInJson(JSON.stringify({ ...state, ...more }, null, 2)));
  });
  app.get("/metrics", async (context) => {
    const { body, contentType } = await metrics();
    context.header("content-type", contentType);
    return context.body(body);
  });
  app.notFound((context) => context.text("There is nothing here: the page is at /\n", 404));
  app.onError((error, context) => {
    onError(`The status server could not answer ${context.req.path}: ${error.message}`);
    return context.text("This went wrong; the log of ch-sync says why\n", 500);
  });
  return app;
}

/** A browser that was led here by a name of somebody else's shows the page to that somebody; an address is no name. */
function isOwnHost(hostname: string, own: ReadonlySet<string>): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "").toLowerCase();
  return isIP(name) !== 0 || own.has(name);
}

/** As a content security policy names a text. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}
