// deno-lint-ignore-file no-console
/** Fetches the ClickHouse engine of tests and demo, if it is not there yet. */
import { engineLibrary } from "../test/support/sites/engine.ts";

try {
  await engineLibrary();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
