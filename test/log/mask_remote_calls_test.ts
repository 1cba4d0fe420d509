import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { remoteTable } from "../../src/clickhouse/sql/remote_table.ts";
import { maskRemoteCalls } from "../../src/log/mask_remote_calls.ts";
import { table as definition } from "../support/data/tables.ts";

Deno.test("maskRemoteCalls() masks the password of a call", () => {
  const calls = {
    "remote('h:9000', db, t, 'u', 'pw')": "remote('h:9000', db, t, 'u', '***')",
    "remote('h:9000', 'db', 't', 'u', 'pw')": "remote('h:9000', 'db', 't', 'u', '***')",
    "remote('h:9000', 'd)b', 't\\'', 'u', 'pw', rand())":
      "remote('h:9000', 'd)b', 't\\'', 'u', '***', rand())",
    "remoteSecure('h', `d)`.`t'(`, 'u', 'p\\'w')": "remoteSecure('h', `d)`.`t'(`, 'u', '***')",
    "REMOTE('h','d','t','u','p''w')": "REMOTE('h','d','t','u','***')",
    "remote('h', numbers(10), 'u', 'pw', rand())": "remote('h', numbers(10), 'u', '***', rand())",
    "INSERT INTO FUNCTION remote('h,i', d, t, 'u', 'pw', (concat(a, 'x') = 'y')) (a)":
      "INSERT INTO FUNCTION remote('h,i', d, t, 'u', '***', (concat(a, 'x') = 'y')) (a)",
    "a remote('h', d.t, 'u', 'x') b remote('h', d.t, 'u', 'y') c":
      "a remote('h', d.t, 'u', '***') b remote('h', d.t, 'u', '***') c",
    "remote('h', view(SELECT * FROM remote('i', d.t, 'u', 'x')), 'u', 'y')":
      "remote('h', view(SELECT * FROM remote('i', d.t, 'u', '***')), 'u', '***')",
    "remote(other, database = 'd', table = 't', password = 'pw')":
      "remote(other, database = 'd', table = 't', password = '***')",
    "remote(other, password = 'pw', table = 't')": "remote(other, password = '***', table = 't')",
  };
  for (const [call, masked] of Object.entries(calls)) assert.equal(maskRemoteCalls(call), masked);
});

Deno.test("maskRemoteCalls() masks a call that is cut off", () => {
  assert.equal(maskRemoteCalls("near remote('h', d.t, 'u', 'pass"), "near remote('h', d.t, 'u', '***'");
});

Deno.test("maskRemoteCalls() leaves the host and other functions alone", () => {
  for (
    const text of [
      "remote('h')",
      "remote('h', d.t)",
      "remote(`other_site`, database = 'd', table = 't')",
      "concat('a', 'b')",
      "the remote site (x, 'y')",
      "remote(",
    ]
  ) {
    assert.equal(maskRemoteCalls(text), text);
  }
});

Deno.test("maskRemoteCalls() masks every call that ch-sync writes, whatever its names are", () => {
  const name = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(fc.property(name, name, name, fc.boolean(), (database, table, user, secure) => {
    const call = (password: string) =>
      remoteTable({
        address: { host: "h", port: 9000, secure },
        credentials: { user, password },
        collection: null,
      }, {
        ...definition("d.t"),
        id: { database, name: table },
      });
    assert.equal(maskRemoteCalls(`FROM ${call("pa'ss\\word")} WHERE 1`), `FROM ${call("***")} WHERE 1`);
  }));
});
