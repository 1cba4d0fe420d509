/** A crowd at the status page of a daemon that may open few files: checks go on, and the page is there afterwards. */
import assert from "node:assert/strict";
import { RUNTIME_FLAGS } from "../../scripts/build/runtime.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { until } from "../support/program/endings.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A program that runs ch-sync with so many open files. */
async function limited(directory: string, files: number): Promise<string> {
  const path = `${directory}/ch-sync-${files}`;
  const program = Deno.env.get("CH_SYNC_PROGRAM");
  const command = program
    ? [program]
    : [Deno.execPath(), "run", ...RUNTIME_FLAGS, `--config=${ROOT}deno.json`, `${ROOT}src/main.ts`];
  await Deno.writeTextFile(
    path,
    `#!/bin/sh\nulimit -n ${files}\nexec ${command.map((word) => `'${word}'`).join(" ")} "$@"\n`,
    { mode: 0o755 },
  );
  return path;
}

Deno.test("hundreds of idle connections end neither the daemon nor its checks", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await using directory = await temporaryDirectory();
  // With the second, the files are used up before the connections are.
  for (const files of [256, 64]) {
    await t.step(`with ${files} open files`, async () => {
      await using chSync = await installChSync(
        {
          ...environmentOf("dr", sites.dr, sites.primary),
          CHECK_INTERVAL: "1",
          STATUS_LISTEN: "127.0.0.1:0",
        },
        await limited(directory.path, files),
      );
      const daemon = chSync.start([]);
      await daemon.logged("Status page: ");
      const address = new URL(/Status page: (\S+)/.exec(daemon.log())![1]!);
      const checks = () => daemon.log().split("All tables in sync").length;
      await until("a check", () => checks() > 1);
      const crowd: Deno.Conn[] = [];
      for (let count = 0; count < 600; count++) {
        crowd.push(await Deno.connect({ hostname: "127.0.0.1", port: Number(address.port) }));
      }
      const before = checks();
      await load(sites.primary, "d.t", files === 256 ? "2026-01-01" : "2026-01-02", 10);
      await until("checks in the crowd", () => checks() > before + 2);
      assert.equal((await fetch(new URL("healthz", address))).status, 200);
      for (const connection of crowd) connection.close();
      await until("the page", async () => {
        const response = await fetch(address).catch(() => null);
        const text = await response?.text();
        return response?.status === 200 && text!.includes("d.t");
      });
      assert.doesNotMatch(daemon.log(), /Uncaught|has a bug/);
      daemon.child.kill("SIGTERM");
      assert.equal((await daemon.finished).code, 0);
    });
  }
});
