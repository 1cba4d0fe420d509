// deno-lint-ignore-file no-console
/** Builds the OpenTelemetry collector of `deno task test:collectors`, if it is not there yet. */
import { buildCollector } from "../test/collectors/build.ts";

try {
  await buildCollector();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
