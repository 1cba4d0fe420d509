import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { decideRole } from "../../src/dns/decide_role.ts";

const SITES = { primaryIp: "192.0.2.1", drIp: "192.0.2.2" };

/** Addresses of neither site. */
const foreign = fc.array(fc.ipV4().filter((ip) => !Object.values(SITES).includes(ip)), { maxLength: 4 });

/** An IPv6 address as eight numbers. */
const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });

function spellOut(numbers: readonly number[]): string {
  return numbers.map((number) => number.toString(16).padStart(4, "0").toUpperCase()).join(":");
}

function shorten(numbers: readonly number[]): string {
  return numbers.map((number) => number.toString(16)).join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}

Deno.test("decideRole() takes the site whose address is the only one of ours", () => {
  assert.deepEqual(decideRole(["192.0.2.1"], SITES), { active: "primary", unexpected: [] });
  assert.deepEqual(decideRole(["192.0.2.2"], SITES), { active: "dr", unexpected: [] });
});

Deno.test("decideRole() knows no active site without an answer, and with both", () => {
  assert.deepEqual(decideRole([], SITES), { active: "unknown", unexpected: [] });
  assert.deepEqual(decideRole(["192.0.2.2", "192.0.2.1"], SITES), { active: "unknown", unexpected: [] });
});

Deno.test("decideRole() reports a foreign address, and does not take it for a site", () => {
  const unexpected = ["203.0.113.9"];
  assert.deepEqual(decideRole(["203.0.113.9"], SITES), { active: "unknown", unexpected });
  assert.deepEqual(decideRole(["203.0.113.9", "192.0.2.2"], SITES), { active: "dr", unexpected });
});

Deno.test("decideRole() depends neither on order, nor on repetition, nor on foreign addresses", () => {
  const ours = fc.uniqueArray(fc.constantFrom(SITES.primaryIp, SITES.drIp), { minLength: 0, maxLength: 2 });
  fc.assert(fc.property(ours, foreign, fc.boolean(), (ours, foreign, reversed) => {
    const answer = [...ours, ...foreign, ...ours];
    const { active, unexpected } = decideRole(reversed ? answer.toReversed() : answer, SITES);
    const expected = ours.length !== 1 ? "unknown" : ours[0] === SITES.primaryIp ? "primary" : "dr";
    assert.equal(active, expected);
    assert.deepEqual(unexpected.toSorted(), foreign.toSorted());
  }));
});

Deno.test("decideRole() mirrors its answer when the sites are exchanged", () => {
  const answer = fc.array(fc.constantFrom(SITES.primaryIp, SITES.drIp, "203.0.113.9"), { maxLength: 4 });
  const mirror = { primary: "dr", dr: "primary", unknown: "unknown" } as const;
  fc.assert(fc.property(answer, (answer) => {
    const exchanged = decideRole(answer, { primaryIp: SITES.drIp, drIp: SITES.primaryIp });
    assert.equal(exchanged.active, mirror[decideRole(answer, SITES).active]);
  }));
});

Deno.test("decideRole() knows an IPv6 address in every spelling", () => {
  const two = fc.tuple(groups, groups).filter(([a, b]) => spellOut(a) !== spellOut(b));
  fc.assert(fc.property(two, ([primary, dr]) => {
    const sites = { primaryIp: spellOut(primary), drIp: shorten(dr) };
    assert.deepEqual(decideRole([shorten(primary)], sites), { active: "primary", unexpected: [] });
    assert.deepEqual(decideRole([spellOut(dr)], sites), { active: "dr", unexpected: [] });
  }));
});
