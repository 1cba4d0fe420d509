/** What a drill says of rights that a server has another word for. */
import assert from "node:assert/strict";
import { advise } from "../../src/drill/drill_grants.ts";
import type { ScratchSite } from "../../src/drill/scratch_site.ts";
import { settingsOf } from "../support/sites/settings.ts";

/** The advice where both servers answer so. */
async function advised(hasGrant: (right: string) => boolean | null): Promise<string | null> {
  const server = { hasGrant: (right: string) => Promise.resolve(hasGrant(right)) };
  const scratch = (place: string) => ({ servers: [{ place }] }) as unknown as ScratchSite;
  const drill = { user: "chsync_drill", password: "canary" };
  return await advise(new Error("ClickHouse refused it (code 497)"), {
    here: scratch("the local site"),
    there: scratch("the remote site"),
    settings: { ...settingsOf({}), drill },
    ports: { here: server, there: server, signal: new AbortController().signal } as never,
  });
}

Deno.test("a right that is missing is named in the words of the server", async () => {
  const newer = await advised((right) => right === "READ ON REMOTE" ? false : right !== "REMOTE ON *.*");
  assert.equal(
    newer,
    "run at the local site: GRANT READ ON REMOTE TO chsync_drill; run at the remote site: GRANT READ ON REMOTE TO chsync_drill",
  );
  const older = await advised((right) => right === "READ ON REMOTE" ? null : right !== "REMOTE ON *.*");
  assert.equal(older, newer!.replaceAll("READ ON REMOTE", "REMOTE ON *.*"));
});

Deno.test("where many are missing, or a server cannot tell, the files of both kinds of servers are named", async () => {
  for (const answer of [false, null]) {
    assert.match(String(await advised(() => answer)), /grants-drill\.sql.*25\.7.*grants-drill-older\.sql/);
  }
});
