/** What is asked of a daemon, until a check takes it up; and what of it is withdrawn. */
import assert from "node:assert/strict";
import { Asked } from "../../src/daemon/asked.ts";
import { Bell } from "../../src/daemon/loop.ts";
import { makeRedactor } from "../../src/log/redact.ts";
import type { Answer } from "../../src/model/control.ts";
import { UsageProblem } from "../../src/model/usage_problem.ts";
import { leaks } from "../support/program/leaks.ts";

const nothing = (): Promise<Answer> => Promise.resolve({ code: 0, lines: [] });
const accept = (...names: string[]) => ({ verb: "accept", names }) as const;

Deno.test("what nobody waits for any longer is accepted by no check, and what others asked for is", async () => {
  const asked = new Asked(new Bell(), nothing, (text) => text);
  const [first, second] = [new AbortController(), new AbortController()];
  const withdrawn = asked.obey(accept("d.a"), first.signal);
  const late = asked.obey(accept("d.b"), AbortSignal.abort());
  const waits = asked.obey(accept("d.c"), second.signal);
  first.abort();
  assert.deepEqual([(await withdrawn).code, (await late).code], [1, 1]);
  assert.deepEqual([...asked.begins()], ["d.c"]);
  // Its check has begun: that cannot be helped.
  second.abort();
  asked.ends(new UsageProblem("--accept d.c: no such table"));
  assert.deepEqual(await waits, { code: 2, lines: ["accept d.c: no such table"] });
  assert.deepEqual([...asked.begins()], []);
});

Deno.test("what is withdrawn while a check runs is not taken up by the next", async () => {
  const asked = new Asked(new Bell(), nothing, (text) => text);
  asked.begins();
  const gone = new AbortController();
  const withdrawn = asked.obey(accept("d.a"), gone.signal);
  gone.abort();
  assert.match((await withdrawn).lines.join(), /withdrawn/);
  asked.ends(new Error("it broke off"));
  assert.deepEqual([...asked.begins()], []);
});

Deno.test("no answer of any verb holds a secret, of the settings in force or of those that it brings", async () => {
  const [canary, brought] = ["canary pa'ss\\wo\"rd", "brought-canary"];
  const said = `CHECK_INTERVAL=${canary} is wrong, http://u:${canary}@h/ and ${brought} too`;
  const reload = (): Promise<Answer> => Promise.resolve({ code: 2, lines: ["wrong:", said] });
  const asked = new Asked(new Bell(), reload, makeRedactor([canary]));
  const { signal } = new AbortController();
  const given = { process: { LOCAL_CH_PASSWORD: brought }, file: {}, path: "/x/.env", needed: false };
  const answers = [await asked.obey({ verb: "reload", given }, signal)];
  for (const result of [new Error(said), new UsageProblem(`--accept ${said}`)]) {
    const answer = asked.obey(accept("d.a"), signal);
    asked.begins();
    asked.ends(result);
    answers.push(await answer);
  }
  answers.push(await asked.obey({ verb: "check" }, signal));
  const withOld = answers.map(({ lines }) => lines.join("\n")).join("\n");
  assert.deepEqual(leaks(withOld, [canary]), []);
  assert.deepEqual(leaks(answers[0]!.lines.join("\n"), [brought]), []);
  assert.match(withOld, /CHECK_INTERVAL=\*\*\* is wrong/);
});
