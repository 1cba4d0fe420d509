import assert from "node:assert/strict";
import { remoteTable } from "../../../src/clickhouse/sql/remote_table.ts";

const ACCESS = {
  address: { host: "h", port: 9000, secure: false },
  credentials: { user: "u", password: "p" },
  collection: null,
};
const read = (database: string, name: string, old = false) =>
  remoteTable({ ...ACCESS, old }, { id: { database, name }, columns: [] });

Deno.test("remoteTable() names a table in a database with a dot by a view, and by merge() without the analyzer", () => {
  assert.match(read("d", "t"), /^remote\('h:9000', 'd', 't', 'u', 'p'\)$/);
  assert.match(read("d", "t", true), /'d', 't'/);
  assert.match(read("d.x", "t"), /view\(SELECT .* FROM `d\.x`\.`t`\)/);
  assert.match(read("d.x", "t", true), /, merge\('d\.x', '\^t\$'\), /);
});

Deno.test("remoteTable() has merge() read the one table of that name, whatever stands in it", () => {
  const pattern = /'d\.x', '(.*)'\), 'u'/.exec(read("d.x", "a.b|(c)$[1]*?+{2}^é\\-_", true))![1]!;
  // As a server reads the text of a literal.
  const regexp = new RegExp(pattern.replaceAll("\\\\", "\\"));
  assert.ok(regexp.test("a.b|(c)$[1]*?+{2}^é\\-_"));
  for (const other of ["axb|(c)$[1]*?+{2}^é\\-_", "a.b", "c)$", "a.b|(c)$[1]*?+{2}^é\\-_1"]) {
    assert.ok(!regexp.test(other), other);
  }
});
