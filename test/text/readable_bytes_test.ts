import assert from "node:assert/strict";
import { counted, readableBytes } from "../../src/text/readable.ts";

Deno.test("readableBytes() prints sizes as ClickHouse does", () => {
  assert.deepEqual(
    [0, 1023, 1024, 1536, 1024 ** 2, 5 * 1024 ** 4, 3000 * 1024 ** 4].map(readableBytes),
    ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 TiB", "3000.0 TiB"],
  );
});

Deno.test("counted() groups digits, and takes the word that fits the number", () => {
  const said = [0, 1, 999, 1000, 1_234_567].map((number) => counted(number, "row"));
  assert.deepEqual(said, ["0 rows", "1 row", "999 rows", "1,000 rows", "1,234,567 rows"]);
  assert.equal(counted(2n ** 60n, "is", "are"), "1,152,921,504,606,846,976 are");
});
