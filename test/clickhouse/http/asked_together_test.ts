/** Questions that several ask at the same time are sent once, and no answer is older than its question. */
import assert from "node:assert/strict";
import { askTogether } from "../../../src/clickhouse/http/asked_together.ts";
import type { Connection } from "../../../src/clickhouse/http/connection.ts";
import { fc } from "../../support/seed.ts";

Deno.test("every answer is younger than its question, and one is sent for all that wait", async () => {
  await fc.assert(fc.asyncProperty(
    fc.scheduler(),
    fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 12 }),
    fc.array(fc.boolean()),
    async (s, questions, failing) => {
      let [now, sent, running] = [0, 0, 0];
      const begun: number[] = [];
      const rows = async (statement: string) => {
        const [at, number] = [++now, sent++];
        begun.push(at);
        assert.ok(++running <= 2, "each statement runs once at a time");
        await s.schedule(Promise.resolve(), `answers ${statement}`);
        running--;
        if (failing[number]) throw new Error(String(at));
        return [{ statement, at }];
      };
      const connection = { rows } as unknown as Connection;
      const asked = questions.map(async (question) => {
        await s.schedule(Promise.resolve(), `asks ${question}`);
        const since = now;
        try {
          const [row] = await askTogether<{ statement: string; at: number }>(connection, question);
          assert.equal(row!.statement, question);
          assert.ok(row!.at > since);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.ok(Number((error as Error).message) > since);
        }
      });
      await s.waitFor(Promise.all(asked));
      assert.ok(sent <= questions.length);
    },
  ));
});

Deno.test("those who wait share one statement, those who come later send their own", async () => {
  const answers: PromiseWithResolvers<number[]>[] = [];
  const rows = () => {
    answers.push(Promise.withResolvers());
    return answers.at(-1)!.promise;
  };
  const ask = () => askTogether<number>({ rows } as unknown as Connection, "SELECT 1");
  const connection = { rows } as unknown as Connection;
  const first = askTogether<number>(connection, "SELECT 1");
  const waiting = [1, 2, 3].map(() => askTogether<number>(connection, "SELECT 1"));
  assert.equal(answers.length, 1);
  const elsewhere = ask();
  assert.equal(answers.length, 2, "another server is asked at once");
  answers[0]!.resolve([1]);
  assert.deepEqual(await first, [1]);
  answers[1]!.resolve([2]);
  assert.deepEqual(await elsewhere, [2]);
  assert.equal(answers.length, 3);
  answers[2]!.resolve([3]);
  assert.deepEqual(await Promise.all(waiting), [[3], [3], [3]]);
  const later = askTogether<number>(connection, "SELECT 1");
  assert.equal(answers.length, 4);
  answers[3]!.resolve([4]);
  assert.deepEqual(await later, [4]);
});
