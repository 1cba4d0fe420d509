import assert from "node:assert/strict";
import { hash } from "bcryptjs";
import { fc } from "../support/seed.ts";
import { EVERY_MS, Login } from "../../src/status/login.ts";

const header = (text: string) => `Basic ${new TextEncoder().encode(text).toBase64()}`;
const RIGHT = header("u:right");
const WRONG = header("u:wrong");

Deno.test("guesses of one address are looked at in a burst, and then at a pace, whatever pace they come at", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 20_000 }), { maxLength: 200 }), async (pauses) => {
      let now = 0;
      const login = new Login({ user: "u", password: "right", hashed: false }, () => now);
      let looked = 0;
      for (const pause of pauses) {
        now += pause;
        if (await login.look(WRONG, "192.0.2.1") === "wrong") looked++;
      }
      assert.ok(looked <= 10 + now / EVERY_MS, `${looked} in ${now} ms`);
      // Never for longer than that.
      now += EVERY_MS;
      assert.equal(await login.look(RIGHT, "192.0.2.1"), "in");
    }),
    { numRuns: 200 },
  );
});

Deno.test("right passwords are never put off by other addresses, nor by each other", async () => {
  const login = new Login({ user: "u", password: "right", hashed: false }, () => 0);
  for (let times = 0; times < 30; times++) {
    await login.look(WRONG, "192.0.2.1");
    await login.look(WRONG, `2001:db8::${times}`);
    assert.equal(await login.look(RIGHT, "192.0.2.2"), "in");
  }
  assert.equal(await login.look(RIGHT, "192.0.2.1"), "later");
  assert.equal(await login.look(RIGHT, "2001:db8::ffff:1"), "later", "one network is one client");
  assert.equal(await login.look(RIGHT, "2001:db8:0:1::1"), "in");
  assert.equal(await login.look(RIGHT, "::ffff:192.0.2.9"), "in");
  assert.equal(await login.look(null, "192.0.2.1"), "absent");
});

Deno.test("hashes as programs make them are compared few at a time, and once for who comes again", async () => {
  const password = await hash("right", 4);
  for (const kind of ["$2a$", "$2b$", "$2y$"]) {
    const login = new Login({ user: "u", password: kind + password.slice(4), hashed: true }, () => 0);
    assert.equal(await login.look(RIGHT, "192.0.2.1"), "in");
    assert.equal(await login.look(header("x:right"), "192.0.2.1"), "wrong");
    assert.equal(await login.look(header(`u:${password}`), "192.0.2.1"), "wrong");
    const crowd = await Promise.all(
      Array.from({ length: 50 }, (_, index) => login.look(header(`u:${index}`), `192.0.2.${index}`)),
    );
    assert.ok(crowd.filter((outcome) => outcome === "wrong").length <= 4);
    assert.equal(await login.look(RIGHT, "192.0.2.200"), "in");
  }
});

Deno.test("what is no header of ours is wrong, and does no harm", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), fc.ipV6(), async (text, address) => {
      const login = new Login({ user: "u", password: "right", hashed: false });
      for (const given of [text, `Basic ${text}`, header(text)]) {
        if (given !== RIGHT) assert.equal(await login.look(given, address), "wrong");
      }
    }),
    { numRuns: 200 },
  );
});
