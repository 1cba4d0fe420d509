/** A connection of ch-sync to a real site, as `main` makes it. */
import { Connection } from "../../../src/clickhouse/http/connection.ts";
import type { ConnectionOptions } from "../../../src/clickhouse/http/connection_options.ts";
import type { Site } from "./two_sites.ts";

/** The caller closes it. */
export function openConnection(site: Site, options: Partial<ConnectionOptions> = {}): Connection {
  return new Connection({
    site: "local",
    endpoint: site.endpoint,
    queryIdPrefix: `ch-sync-dr-${crypto.randomUUID().slice(0, 8)}`,
    redact: (text) => text,
    signal: new AbortController().signal,
    ...options,
  });
}
