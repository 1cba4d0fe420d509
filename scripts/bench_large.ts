// deno-lint-ignore-file no-console
/**
 * Measures checks of large tables of which few partitions differ, each in a process of its own with the limits of memory of the program.
 *
 * Usage: deno task bench:large [tables] [partitions of each] [rows of each partition]
 */
import { startTwoSites } from "../test/support/sites/two_sites.ts";
import { QUERY_LOG } from "./bench/clusters.ts";
import { measureLargeTables } from "./bench/large_tables.ts";

const [tables = 5, partitions = 20, rows = 1_000_000] = Deno.args.map(Number);
await using sites = await startTwoSites({ primary: QUERY_LOG, dr: QUERY_LOG });
const sizes = { tables, partitions, rows };
for await (const line of measureLargeTables(sites, sizes)) console.log(line);
