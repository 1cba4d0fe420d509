/** The socket of the verbs: whoever asks is answered, and whoever is gone is noticed. */
import assert from "node:assert/strict";
import { askDaemon } from "../../src/control/ask.ts";
import { listenForVerbs, type Obey } from "../../src/control/listen.ts";
import type { Answer } from "../../src/model/control.ts";
import { listeningUnder } from "../support/program/listening_under.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const DONE: Answer = { code: 0, lines: ["done"] };
const ACCEPT = { verb: "accept", names: ["d.t"] } as const;

Deno.test("it is noticed when whoever asked breaks off, and only then", async () => {
  await using directory = await temporaryDirectory();
  const asked = Promise.withResolvers<AbortSignal>();
  const obey: Obey = (request, gone) => {
    if (request.verb === "check") return Promise.resolve(DONE);
    asked.resolve(gone);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    gone.addEventListener("abort", () => resolve(DONE));
    return promise;
  };
  await using _listening = await listenForVerbs(directory.path, obey);
  const stop = new AbortController();
  const answer = askDaemon(directory.path, ACCEPT, stop.signal);
  const gone = await asked.promise;
  // Others come and go meanwhile.
  assert.deepEqual(await askDaemon(directory.path, { verb: "check" }, new AbortController().signal), {
    kind: "answered",
    answer: DONE,
  });
  assert.equal(gone.aborted, false);
  stop.abort();
  assert.equal((await answer).kind, "broken_off");
  if (!gone.aborted) await new Promise((resolve) => gone.addEventListener("abort", resolve));
});

Deno.test("a daemon that ends tells whoever asked no more than that", async () => {
  await using directory = await temporaryDirectory();
  const asked = Promise.withResolvers<void>();
  const listening = await listenForVerbs(directory.path, () => {
    asked.resolve();
    return new Promise(() => {});
  });
  const answer = askDaemon(directory.path, ACCEPT, new AbortController().signal);
  await asked.promise;
  await listening[Symbol.asyncDispose]();
  assert.equal((await answer).kind, "silent");
  const nobody = await askDaemon(directory.path, ACCEPT, new AbortController().signal);
  assert.equal(nobody.kind, "nobody");
});

Deno.test("nobody but its owner may ask, and a directory in which others write is no way to any mode", async () => {
  for (
    const [umask, around, said] of [
      ["000", 0o700, "600"],
      ["022", 0o700, "600"],
      ["022", 0o770, "755"],
      ["000", 0o770, "umask of 077"],
    ] as const
  ) {
    await using directory = await temporaryDirectory();
    await Deno.chmod(directory.path, around);
    assert.match(await listeningUnder(umask, directory.path), new RegExp(said), `${umask} ${around}`);
    assert.deepEqual([...Deno.readDirSync(directory.path)], []);
  }
});
