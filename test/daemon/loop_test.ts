import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { pause, repeat } from "../../src/daemon/loop.ts";

/** Seconds that no test waits for. */
const AN_HOUR = 3600;

Deno.test("repeat() never runs two checks at once, however late one is", async () => {
  const stop = new AbortController();
  let [running, most, started] = [0, 0, 0];
  await repeat(
    async () => {
      most = Math.max(most, ++running);
      if (++started === 5) stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    },
    0.001,
    stop.signal,
  );
  assert.deepEqual({ running, most, started }, { running: 0, most: 1, started: 5 });
});

Deno.test("repeat() runs the first check at once, and waits for a check under way when it is stopped", async () => {
  const stop = new AbortController();
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let ended = false;
  const check = async () => {
    begun.resolve();
    await end.promise;
    ended = true;
  };
  const looping = repeat(check, AN_HOUR, stop.signal);
  await begun.promise;
  stop.abort();
  end.resolve();
  await looping;
  assert.ok(ended);
});

Deno.test("repeat() waits for what is left of the interval, and not at all after a check that took longer", async () => {
  const [now, later] = [performance.now, globalThis.setTimeout];
  const stop = new AbortController();
  const took = [100, 0, 400, 299, 1];
  const waits: number[] = [];
  let clock = 7;
  try {
    performance.now = () => clock * 1000;
    globalThis.setTimeout = ((then: () => void, milliseconds: number) => {
      waits.push(milliseconds / 1000);
      return later(then);
    }) as typeof setTimeout;
    const check = () => {
      clock += took.shift()!;
      if (took.length === 0) stop.abort();
      return Promise.resolve();
    };
    await repeat(check, 300, stop.signal);
  } finally {
    performance.now = now;
    globalThis.setTimeout = later;
  }
  assert.deepEqual(waits, [200, 300, 1]);
});

Deno.test("repeat() stops at once when it is told to between two checks", { timeout: 10_000 }, async () => {
  const stop = new AbortController();
  let checks = 0;
  await repeat(
    () => {
      checks++;
      setTimeout(() => stop.abort());
      return Promise.resolve();
    },
    AN_HOUR,
    stop.signal,
  );
  assert.equal(checks, 1);
});

Deno.test("repeat() checks nothing after it was stopped", async () => {
  await repeat(assert.fail, AN_HOUR, AbortSignal.abort());
});

Deno.test("pause() waits for nothing without time to wait, or after the signal", async () => {
  const { signal } = new AbortController();
  for (const milliseconds of [0, -5, -Infinity]) await pause(milliseconds, signal);
  await pause(AN_HOUR * 1000, AbortSignal.abort());
});

Deno.test("pause() leaves no listener on a signal that outlives a thousand pauses", async () => {
  const { signal } = new AbortController();
  const pauses = Array.from({ length: 1000 }, () => pause(1, signal));
  assert.equal(getEventListeners(signal, "abort").length, 1000, "the listeners are seen at all");
  await Promise.all(pauses);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
