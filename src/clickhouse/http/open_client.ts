/** The client library, as ch-sync wants it for one server. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client-web";
import type { Endpoint } from "../../model/settings.ts";

/** The longest time that a timer can take: ch-sync limits each statement itself, also while its body arrives. */
const NEVER_MS = 2 ** 31 - 1;

/** @param over how the client reaches the server: what it does not guard itself, this must */
export function openClient({ url, user, password }: Endpoint, over: typeof fetch): ClickHouseClient {
  return createClient({
    url,
    username: latin1(user),
    password: latin1(password),
    fetch: over,
    request_timeout: NEVER_MS,
    // Errors after the first byte of an answer would lose their text: let the server finish first.
    clickhouse_settings: { wait_end_of_query: 1 },
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** The client encodes credentials with `btoa`, which takes one byte a character: give it the bytes of UTF-8. */
function latin1(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
