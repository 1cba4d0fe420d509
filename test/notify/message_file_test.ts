import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { type MessageQueue, NO_MESSAGES } from "../../src/model/message.ts";
import { loadMessages, saveMessages } from "../../src/notify/message_file.ts";
import { formatMessages, parseMessages } from "../../src/notify/parse_messages.ts";
import { StateError } from "../../src/files/private_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const NOW = new Date("2026-01-02T00:00:00.000Z");

const text = fc.string({ unit: "grapheme" });
const time = fc.date({ min: new Date(0), max: NOW, noInvalidDate: true }).map((date) => date.toISOString());
const arbitraryQueue: fc.Arbitrary<MessageQueue> = fc.record({
  messages: fc.array(
    fc.record({
      id: text,
      at: time,
      role: fc.constantFrom("primary" as const, "dr" as const),
      event: fc.constantFrom("gap_detected" as const, "failback_ready" as const, "still_not_ready" as const),
      sentence: text,
      items: fc.array(text, { maxLength: 3 }),
      more: fc.maxSafeNat(),
      advice: text,
    }, { noNullPrototype: true }),
    { maxLength: 5 },
  ),
  attempts: fc.maxSafeNat(),
  not_before: fc.option(time),
}, { noNullPrototype: true });

const parse = (content: string) => parseMessages(new TextEncoder().encode(content), NOW);
const EXAMPLE: MessageQueue = {
  messages: [{
    id: "1",
    at: "2026-01-01T00:00:00.000Z",
    role: "dr",
    event: "gap_detected",
    sentence: "⚠️ CH-Sync: 1 tables have data gaps",
    items: ["d.t"],
    more: 0,
    advice: "Wait",
  }],
  attempts: 2,
  not_before: null,
};

Deno.test("parseMessages() reads back whatever waits", () => {
  fc.assert(fc.property(arbitraryQueue, (queue) => {
    assert.deepEqual(parse(formatMessages(queue)), queue);
  }));
});

Deno.test("parseMessages() finds nothing in a file that is cut off anywhere, and never throws", () => {
  const whole = formatMessages(EXAMPLE).trimEnd();
  for (let length = 0; length < whole.length; length++) assert.equal(parse(whole.slice(0, length)), null);
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (content) => assert.equal(parse(content), null)));
});

Deno.test("parseMessages() refuses any field of another type, and any that is absent", () => {
  const value = JSON.parse(formatMessages(EXAMPLE));
  for (const wrong of [undefined, -1, {}, [1], "x", true, 1.5]) {
    for (const field of Object.keys(value)) {
      if (field === "not_before" && wrong === null) continue;
      assert.equal(parse(JSON.stringify({ ...value, [field]: wrong })), null, `${field} ${wrong}`);
    }
    const [message] = value.messages;
    for (const field of Object.keys(message)) {
      if (typeof wrong === "string" && ["id", "sentence", "advice"].includes(field)) continue;
      const messages = [{ ...message, [field]: wrong }];
      assert.equal(parse(JSON.stringify({ ...value, messages })), null, `${field} ${wrong}`);
    }
  }
});

Deno.test("parseMessages() makes no message younger than now, so that each is dropped one day", () => {
  const messages = [{ ...EXAMPLE.messages[0]!, at: "2099-01-01T00:00:00.000Z" }];
  assert.equal(parse(formatMessages({ ...EXAMPLE, messages }))?.messages[0]?.at, NOW.toISOString());
});

Deno.test("saveMessages() writes for its owner alone, and loadMessages() reads it", async () => {
  await using directory = await temporaryDirectory();
  assert.deepEqual(await loadMessages(directory.path, NOW), { queue: NO_MESSAGES, warning: null });
  await saveMessages(directory.path, EXAMPLE);
  const { mode } = await Deno.stat(`${directory.path}/ch-sync-messages.json`);
  assert.equal(mode! & 0o777, 0o600);
  assert.deepEqual(await loadMessages(directory.path, NOW), { queue: EXAMPLE, warning: null });
  await saveMessages(directory.path, NO_MESSAGES);
  assert.deepEqual([...Deno.readDirSync(directory.path)], [], "an empty queue leaves no file");
});

Deno.test("loadMessages() sets a damaged file aside, also a huge one or a directory, and says so once", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync-messages.json`;
  const damages = [
    () => Deno.writeTextFile(path, '{"version": 1, "mess'),
    () => Deno.writeTextFile(path, "").then(() => Deno.truncate(path, 40 * 1024 * 1024)),
    () => Deno.mkdir(path),
  ];
  for (const [index, damage] of damages.entries()) {
    await damage();
    const { queue, warning } = await loadMessages(directory.path, new Date(NOW.getTime() + index));
    assert.deepEqual(queue, NO_MESSAGES);
    assert.match(warning ?? "", [/\(it is not valid\)/, /\(it is too large\)/, /directory/][index]!);
    assert.match(
      warning ?? "",
      /cannot be read \(.*\) and are not sent; set aside as .*\.corrupt-2026-01-02T/,
    );
    assert.deepEqual(await loadMessages(directory.path, NOW), { queue: NO_MESSAGES, warning: null });
  }
  const names = [...Deno.readDirSync(directory.path)].filter(({ name }) => name.includes(".corrupt-"));
  assert.equal(names.length, 3);
});

Deno.test("saveMessages() says which file it cannot write and what to do, and leaves the old one as it was", async () => {
  await using directory = await temporaryDirectory();
  await saveMessages(directory.path, EXAMPLE);
  await Deno.mkdir(`${directory.path}/ch-sync-messages.json.tmp/in-the-way`, { recursive: true });
  await assert.rejects(
    saveMessages(directory.path, { ...EXAMPLE, attempts: 3 }),
    (error) =>
      error instanceof StateError &&
      /^Cannot write .*ch-sync-messages\.json: .*free space$/.test(error.message),
  );
  assert.deepEqual((await loadMessages(directory.path, NOW)).queue, EXAMPLE);
});
