/** The HTTP server of the status page and the metrics: it only reads, and it answers only GET. */
import { type Context, Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Board } from "../model/board.ts";
import type { PastEvent, RunningCheck, SiteView } from "../model/live.ts";
import type { State } from "../model/state.ts";
import { escapeInJson } from "../report/escape_controls.ts";
import { verdictOf, type VerdictPolicy } from "../reconcile/verdict.ts";
import { renderPage } from "./page.ts";
import { whyNotServing } from "./readiness.ts";
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
}

export interface StatusOptions {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Null: whoever reaches the address may look. */
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly policy: VerdictPolicy;
  readonly source: StatusSource;
  readonly metrics: () => Promise<{ readonly body: string; readonly contentType: string }>;
  /** Hears of a page that could not be made. */
  readonly onError: (text: string) => void;
}

export interface StatusServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Sent with every answer. */
const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Milliseconds that answers under way have before the process ends: who never reads must not hold it up. */
const CLOSE_MS = 300;

/** @throws where the address cannot be listened on */
export async function serveStatus(options: StatusOptions): Promise<StatusServer> {
  const app = await routes(options);
  const server = Deno.serve({ ...options.listen, onListen() {} }, app.fetch);
  return {
    port: server.addr.port,
    async close() {
      await Promise.race([server.shutdown(), new Promise((late) => setTimeout(late, CLOSE_MS))]);
    },
  };
}

async function routes({ login, policy, source, metrics, onError }: StatusOptions): Promise<Hono> {
  const app = new Hono();
  const security = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ` +
    `connect-src 'self'; style-src '${await hashOf(STYLE)}'; script-src '${await hashOf(SCRIPT)}'`;
  app.use(async (context, next) => {
    context.header("content-security-policy", security);
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      context.header("allow", "GET, HEAD");
      return context.text("ch-sync only shows: GET\n", 405);
    }
    return await next();
  });
  // A liveness probe has no password, and learns nothing.
  app.get("/healthz", (context) => context.text("ok\n"));
  if (login) {
    app.use(basicAuth({ username: login.user, password: login.password, realm: "ch-sync" }));
  }
  app.get("/", async (context) => {
    const table = context.req.query("table") ?? null;
    const now = new Date();
    const { state, check, nextCheck, waiting, sites, events } = source;
    const board = await source.board(table);
    const verdict = verdictOf(state, policy, now);
    const wanted = policy.failbackCleanChecks;
    const facts = { now, verdict, state, wanted, sites, check, nextCheck, waiting, board, table, events };
    return context.html(renderPage(facts));
  });
  app.get("/readyz", (context) => {
    const problem = whyNotServing(source.state, policy, source.waiting, new Date());
    return context.text(`${problem ?? "ok"}\n`, problem === null ? 200 : 503);
  });
  app.get("/state.json", (context) => {
    context.header("content-type", "application/json");
    return context.body(escapeInJson(JSON.stringify(source.state, null, 2)));
  });
  app.get("/metrics", async (context) => {
    const { body, contentType } = await metrics();
    context.header("content-type", contentType);
    return context.body(body);
  });
  app.notFound((context) => context.text("There is nothing here: the page is at /\n", 404));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return refuse(error.getResponse(), context);
    onError(`The status server could not answer ${context.req.path}: ${error.message}`);
    return context.text("This went wrong; the log of ch-sync says why\n", 500);
  });
  return app;
}

/** The answer to a wrong password, with the headers of every answer. */
async function refuse(refusal: Response, context: Context): Promise<Response> {
  for (const [name, value] of refusal.headers) context.header(name, value);
  return context.body(await refusal.text(), refusal.status as ContentfulStatusCode);
}

/** As a content security policy names a text. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}
