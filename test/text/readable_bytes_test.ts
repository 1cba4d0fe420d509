import assert from "node:assert/strict";
import { readableBytes } from "../../src/text/readable.ts";

Deno.test("readableBytes() prints sizes as ClickHouse does", () => {
  assert.deepEqual(
    [0, 1023, 1024, 1536, 1024 ** 2, 5 * 1024 ** 4, 3000 * 1024 ** 4].map(readableBytes),
    ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 TiB", "3000.0 TiB"],
  );
});
