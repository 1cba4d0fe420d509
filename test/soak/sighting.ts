/** What servers hold of the events of real collectors. */
import { ID } from "../collectors/generator.ts";
import type { Site } from "../support/sites/two_sites.ts";
import type { Sighting } from "./feed_ledger.ts";
import type { SoakSite } from "./site.ts";

/** The table that holds the rows of a server; collectors write to the `Distributed` one before it, where there is a cluster. */
export const FEED_TABLE = "otel.otel_logs_local";

/** What one server holds of events since then, in unix milliseconds. */
export async function heldBy({ query }: Site, since: number): Promise<Sighting> {
  const text = await query(
    `SELECT LogAttributes['${ID}'] AS id, groupArray(delivery), groupArray(c) FROM (SELECT LogAttributes, delivery, ` +
      `toUInt32(count()) AS c FROM ${FEED_TABLE} WHERE TimestampTime >= toDateTime(${
        Math.floor(since / 1000)
      }) ` +
      `GROUP BY LogAttributes, delivery) GROUP BY id FORMAT JSONCompactEachRow`,
  );
  return new Map(
    text.split("\n").filter(Boolean).map((line) => {
      const [id, deliveries, times]: [string, string[], number[]] = JSON.parse(line);
      return [id, new Map(deliveries.map((one, at) => [one, times[at]!]))] as const;
    }),
  );
}

/** What a site holds by its first replicas, and by its second ones. */
export async function heldByEach({ shards }: SoakSite): Promise<Sighting[]> {
  return await Promise.all(
    shards[0]!.map(async (_, at) =>
      together(await Promise.all(shards.map((shard) => heldBy(shard[at]!, 0))), (a, b) => a + b)
    ),
  );
}

/** One sighting of several, by what two of them say of a row. */
export function together(all: readonly Sighting[], put: (a: number, b: number) => number): Sighting {
  const result = new Map<string, Map<string, number>>();
  for (const [id, deliveries] of all.flatMap((one) => [...one])) {
    const held = result.get(id) ?? new Map<string, number>();
    for (const [delivery, times] of deliveries) held.set(delivery, put(held.get(delivery) ?? 0, times));
    result.set(id, held);
  }
  return result;
}
