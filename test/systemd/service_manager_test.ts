import assert from "node:assert/strict";
import { openServiceManager } from "../../src/systemd/service_manager.ts";
import { startNotifySocket } from "../support/receivers/notify_socket.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const unexpected = (text: string) => assert.fail(text);

Deno.test("openServiceManager() tells systemd that it is ready, how it stands, and that it stops", async () => {
  await using directory = await temporaryDirectory();
  using systemd = startNotifySocket(directory.path);
  const own = `${directory.path}/state`;
  {
    using manager = await openServiceManager({ NOTIFY_SOCKET: systemd.path }, own, unexpected);
    manager.ready();
    manager.status("NOT READY:\n2 tables");
    manager.stopping();
    assert.deepEqual(
      [await systemd.receive(), await systemd.receive(), await systemd.receive()],
      ["READY=1", "STATUS=NOT READY: 2 tables", "STOPPING=1"],
    );
  }
  assert.deepEqual([...Deno.readDirSync(own)], []);
});

Deno.test("openServiceManager() gives signs of life at half the watchdog's time", async () => {
  await using directory = await temporaryDirectory();
  using systemd = startNotifySocket(directory.path);
  const environment = {
    NOTIFY_SOCKET: systemd.path,
    WATCHDOG_USEC: "40000",
    WATCHDOG_PID: String(Deno.pid),
  };
  const started = performance.now();
  using _manager = await openServiceManager(environment, directory.path, unexpected);
  for (let signs = 0; signs < 5; signs++) assert.equal(await systemd.receive(), "WATCHDOG=1");
  assert.ok(performance.now() - started > 5 * 20 - 20);
});

Deno.test("openServiceManager() gives no signs of life for another process", async () => {
  await using directory = await temporaryDirectory();
  using systemd = startNotifySocket(directory.path);
  const environment = { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "1000", WATCHDOG_PID: "1" };
  using manager = await openServiceManager(environment, directory.path, unexpected);
  await new Promise((resolve) => setTimeout(resolve, 30));
  manager.ready();
  assert.equal(await systemd.receive(), "READY=1");
});

Deno.test("openServiceManager() does without systemd, and says once what it cannot reach", async () => {
  await using directory = await temporaryDirectory();
  const said: string[] = [];
  for (
    const environment of [{}, { NOTIFY_SOCKET: "@abstract" }, { NOTIFY_SOCKET: `${directory.path}/gone` }]
  ) {
    using manager = await openServiceManager(environment, directory.path, (text) => said.push(text));
    manager.ready();
    manager.status("fine");
  }
  assert.deepEqual(said, [
    "systemd cannot be notified: NOTIFY_SOCKET=@abstract is not the path of a file. Set Type=exec and no WatchdogSec " +
    "in the unit, or it ends ch-sync",
  ]);
});
