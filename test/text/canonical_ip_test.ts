import assert from "node:assert/strict";
import { canonicalIp } from "../../src/text/canonical_ip.ts";

Deno.test("canonicalIp() gives all spellings of an address the same one", () => {
  for (const text of ["2001:DB8:0::1", "2001:db8::1", "2001:0db8:0:0::0001"]) {
    assert.equal(canonicalIp(text), "[2001:db8::1]");
  }
});

Deno.test("canonicalIp() leaves what is no address as it is", () => {
  for (const text of ["192.0.2.1", "fe80::1%eth0", ":", ""]) assert.equal(canonicalIp(text), text);
});
