/** Prints the table between the `configuration` marks of README.md. Run: `deno run scripts/configuration_table.ts`. */
import { configurationTable } from "../src/config/configuration_table.ts";

if (import.meta.main) Deno.stdout.writeSync(new TextEncoder().encode(configurationTable() + "\n"));
