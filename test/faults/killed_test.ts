/**
 * SIGKILL at any moment of a check: the next checks make the table exactly whole. A sample of the moments; `deno task kills`
 * takes more of them.
 */
import assert from "node:assert/strict";
import { casesOf } from "../support/cases.ts";
import { SEED } from "../support/seed.ts";
import { type Kill, KillSweep, type Moment, type Survived } from "../support/program/kill_sweep.ts";

const MOMENTS: readonly Moment[] = ["unsent", "sent", "answered"];

/** Moments spread evenly over all statements, from another one on with each seed, and some at random in between. */
function moments(statements: number, wanted: number): Kill[] {
  const every = Array.from({ length: statements }, (_, statement) => statement)
    .flatMap((statement) => MOMENTS.map((moment): Kill => ({ statement, moment })));
  const step = every.length / Math.min(wanted, every.length);
  const even = Array.from(
    { length: Math.min(wanted, every.length) },
    (_, index) => every[Math.floor(index * step) + SEED % Math.floor(step)]!,
  );
  const more = Array.from({ length: wanted - even.length }, (): Kill => ({
    statement: Math.floor(Math.random() * statements),
    moment: Math.floor(Math.random() * 40),
  }));
  return [...even, ...more];
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

Deno.test("killed at any moment: the next checks make every table exactly whole, also through views", async () => {
  await using sweep = await KillSweep.start(true);
  const statements = (await sweep.statements()).length;
  const survived: Survived[] = [];
  for (const kill of moments(statements, casesOf("kills"))) {
    try {
      survived.push(await sweep.kill(kill));
    } catch (error) {
      throw new Error(`killed at statement ${kill.statement}, ${kill.moment}`, { cause: error });
    }
  }
  const most = Math.max(...survived.map(({ checks }) => checks ?? 0));
  say(`${survived.length} kills over ${statements} statements survived, each in at most ${most} checks`);
  // This server keeps a query_log: nothing is left to an operator.
  assert.deepEqual(survived.filter(({ checks }) => checks === null), []);
});

Deno.test("killed as it feeds views, and no query_log: fixed if it is proven, else left to an operator", async () => {
  await using sweep = await KillSweep.start(false);
  const feed = "INSERT INTO `d`.`viewed`";
  const outcome = async (moment: Moment) => (await sweep.kill({ statement: feed, moment })).checks;
  // Its intent is on record, and it never began: the tables that it reaches show no new block.
  assert.equal(await outcome("unsent"), 1);
  // It went through, as far as the table shows. Nobody saw whether it reached the views.
  assert.equal(await outcome("answered"), null);
});

Deno.test("killed as it brings many partitions in together: the server goes on or not, and nothing comes twice", async () => {
  await using sweep = await KillSweep.start(false);
  for (const moment of ["unsent", "sent", 2, "answered"] as const) {
    const { sql, checks } = await sweep.kill({ statement: "ALTER TABLE `d`.`many` ATTACH", moment });
    assert.ok(sql.split("ATTACH PARTITION").length > 2, sql);
    assert.ok(checks !== null, String(moment));
  }
});
