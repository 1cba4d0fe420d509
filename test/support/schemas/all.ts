/** Every product whose tables are tested, in the order of docs/schemas.md. */
import { CLICKSTACK } from "./clickstack.ts";
import { COROOT } from "./coroot.ts";
import type { SchemaFixture } from "./fixture.ts";
import { GIGAPIPE } from "./gigapipe.ts";
import { JAEGER } from "./jaeger.ts";
import { LANGFUSE } from "./langfuse.ts";
import { OTEL } from "./otel.ts";
import { PLAUSIBLE } from "./plausible.ts";
import { POSTHOG } from "./posthog.ts";
import { SIGNOZ } from "./signoz.ts";
import { UPTRACE } from "./uptrace.ts";

export const PRODUCTS: readonly SchemaFixture[] = [
  SIGNOZ,
  OTEL,
  CLICKSTACK,
  JAEGER,
  GIGAPIPE,
  UPTRACE,
  COROOT,
  LANGFUSE,
  PLAUSIBLE,
  POSTHOG,
];
