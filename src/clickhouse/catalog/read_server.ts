/** Asks a server what it says of itself, and which run of it this is. */
import type { ServerFacts } from "../../model/site.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import { ASKED_TIMES, parseRun, type RunRow, WHICH_RUN } from "../sql/server_run.ts";
import { decodeServerFacts, serverFacts, type ServerFactsRow } from "./server_facts.ts";

/** @param settleSeconds the settle window @throws {SiteError} */
export async function readServerFacts(connection: Connection, settleSeconds: number): Promise<ServerFacts> {
  const asked = Array.from({ length: ASKED_TIMES - 1 }, () => readRun(connection));
  const first = connection.one<ServerFactsRow>(serverFacts(settleSeconds));
  const [facts, ...runs] = await Promise.all([first, ...asked]);
  return decoded(connection.site, () => decodeServerFacts(facts, runs));
}

/** @throws {SiteError} */
export async function readRun(connection: Connection): Promise<string> {
  const { run } = await connection.one<RunRow>(WHICH_RUN);
  return decoded(connection.site, () => parseRun(run));
}
