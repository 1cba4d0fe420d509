import assert from "node:assert/strict";
import fc from "fast-check";
import type { Event } from "../../src/model/event.ts";
import { MessageFile } from "../../src/state/message_file.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

const NOW = new Date("2026-01-02T03:04:05Z");
const texts = fc.array(fc.string(), { maxLength: 3 });
const PLAIN = { noNullPrototype: true };
const sites = fc.constantFrom("local" as const, "remote" as const);
const rows = fc.bigInt({ min: 0n, max: 2n ** 70n });
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constantFrom("gap_detected" as const, "new_tables" as const), tables: texts }, PLAIN),
  fc.record({ kind: fc.constant("sync_complete" as const), partitions: fc.nat(), rows }, PLAIN),
  fc.record({ kind: fc.constant("failback_ready" as const) }, PLAIN),
  fc.record({ kind: fc.constant("failback_not_ready" as const), because: fc.string() }, PLAIN),
  fc.record({ kind: fc.constant("still_not_ready" as const), because: texts }, PLAIN),
  fc.record({ kind: fc.constant("refused" as const), what: texts }, PLAIN),
  fc.record({ kind: fc.constantFrom("site_unreachable" as const, "site_back" as const), site: sites }, PLAIN),
);

Deno.test("a queue of messages is read as it was written, by its owner alone", async () => {
  await using directory = await temporaryDirectory();
  const file = new MessageFile(directory.path);
  assert.deepEqual(await file.load(NOW), { messages: [], problem: null });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 4 }), async (events) => {
      const messages = events.map((event) => ({ event, at: NOW.toISOString() }));
      await file.save(messages);
      assert.deepEqual(await file.load(NOW), { messages, problem: null });
    }),
    { numRuns: 50 },
  );
  assert.equal((await Deno.stat(`${directory.path}/ch-sync-messages.json`)).mode! & 0o777, 0o600);
  await file.save([]);
  assert.deepEqual([...Deno.readDirSync(directory.path)], [], "an empty queue leaves no file");
});

Deno.test("a queue that is damaged, cut off, or of another version is set aside, and holds nothing up", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync-messages.json`;
  const file = new MessageFile(directory.path);
  await file.save([{ event: { kind: "site_back", site: "local" }, at: NOW.toISOString() }]);
  const whole = await Deno.readTextFile(path);
  const damaged = [
    whole.slice(0, -5),
    "",
    "null",
    whole.replace('"version":1', '"version":2'),
    whole.replace("site_back", "toString"),
    whole.replace("local", "elsewhere"),
    whole.replace("2026", "never"),
  ];
  for (const text of damaged) {
    await Deno.writeTextFile(path, text);
    const { messages, problem } = await file.load(NOW);
    assert.deepEqual(messages, []);
    assert.match(problem ?? "", /is damaged, and set aside as .*corrupt-2026/);
  }
  await Deno.mkdir(path);
  const { messages, problem } = await file.load(NOW);
  assert.deepEqual(messages, []);
  assert.match(problem ?? "", /Cannot read/);
});
