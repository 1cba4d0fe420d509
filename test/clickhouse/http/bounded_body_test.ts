/** Answers that are small on the wire and huge once they are unpacked, as a hostile server sends them. */
import assert from "node:assert/strict";
import { ANSWER_BYTES, bounded, boundedTogether } from "../../../src/clickhouse/http/bounded_body.ts";
import type { QueuedMessage } from "../../../src/model/message.ts";
import { ping } from "../../../src/notify/heartbeat.ts";
import { deliver } from "../../../src/notify/webhook.ts";
import { installChSync } from "../../support/program/ch_sync.ts";

/** Gzip of so many zeros. */
async function bomb(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const zeros = new Uint8Array(1024 * 1024);
  let left = bytes;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(zeros.subarray(0, Math.min(left, zeros.length)));
      left -= zeros.length;
      if (left <= 0) controller.close();
    },
  });
  return new Uint8Array(
    await new Response(source.pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
}

/** Says that it is ClickHouse, and answers every statement, or everything at all, with the same body. */
function startBomber(body: Uint8Array<ArrayBuffer>, also: "ping" | "statements") {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ping" && also !== "ping") return new Response("Ok.\n");
    const id = searchParams.get("query_id") ?? "";
    return new Response(body, {
      headers: {
        "content-encoding": "gzip",
        "x-clickhouse-query-id": id,
        "content-type": "application/json",
      },
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The most memory that a process has taken so far, in MiB. */
async function peak(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
}

Deno.test("bounded() passes on what fits, to the byte, and fails at the first one more", async () => {
  const body = () => new Response(new Uint8Array(1000)).body!;
  assert.equal((await new Response(bounded(body(), 1000)).bytes()).length, 1000);
  await assert.rejects(new Response(bounded(body(), 999)).bytes(), /longer than .* MiB/);
});

const held = () => new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();

Deno.test("bounded() fetches nothing beyond the bound, nor what nobody reads any more", async () => {
  const endings: unknown[] = [];
  const endless = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(100)),
      cancel: (reason) => void endings.push(reason),
    });
  await assert.rejects(new Response(bounded(endless(), 1000)).bytes(), /longer than/);
  await bounded(endless(), 1000).cancel("enough");
  assert.equal(endings.length, 2);
  assert.equal(endings[1], "enough");
});

Deno.test("boundedTogether() forgets what it read of a body that broke", async () => {
  const within = boundedTogether(1000);
  const { readable, writable } = held();
  const [reader, writer] = [within(readable).getReader(), writable.getWriter()];
  await Promise.all([writer.write(new Uint8Array(600)), reader.read()]);
  await writer.abort(new Error("broken"));
  await assert.rejects(reader.read(), /broken/);
  assert.equal((await new Response(within(new Response(new Uint8Array(1000)).body!)).bytes()).length, 1000);
});

Deno.test("boundedTogether() counts what is being read, until it was read or given up", async () => {
  const within = boundedTogether(1000);
  const [read, givenUp] = [held(), held()];
  const [first, second] = [within(read.readable).getReader(), within(givenUp.readable).getReader()];
  const writers = [read.writable.getWriter(), givenUp.writable.getWriter()];
  await Promise.all([writers[0]!.write(new Uint8Array(600)), first.read()]);
  await assert.rejects(new Response(within(new Response(new Uint8Array(600)).body!)).bytes(), /longer than/);
  await Promise.all([writers[1]!.write(new Uint8Array(400)), second.read()]);
  await assert.rejects(new Response(within(new Response(new Uint8Array(1)).body!)).bytes(), /longer than/);
  await Promise.all([writers[0]!.close(), first.read()]);
  await second.cancel();
  assert.equal((await new Response(within(new Response(new Uint8Array(1000)).body!)).bytes()).length, 1000);
});

Deno.test("a gigabyte out of a megabyte ends ch-sync's statement, not its machine", async (t) => {
  const body = await bomb(1024 ** 3);
  assert.ok(body.length < 2 * 1024 ** 2 && ANSWER_BYTES < 1024 ** 3);
  for (const also of ["statements", "ping"] as const) {
    await t.step(`in answer to ${also}`, async () => {
      await using local = startBomber(body, also);
      await using remote = startBomber(body, also);
      await using chSync = await installChSync({
        ROLE: "dr",
        LOCAL_CH_URL: local.url,
        REMOTE_CH_URL: remote.url,
        DNS_RECORD: "clickhouse.example",
        PRIMARY_IP: "192.0.2.1",
        DR_IP: "192.0.2.2",
        ACTIVE_SITE: "primary",
        CONNECT_TIMEOUT_MS: "20000",
      });
      const { child, finished } = chSync.start(["--once"]);
      let most = 0;
      const looking = setInterval(async () => most = Math.max(most, await peak(child.pid)), 20);
      const { code, stderr } = await finished;
      clearInterval(looking);
      assert.equal(code, 1);
      assert.match(stderr, /longer than \d+ MiB.*(local|remote) site|site's \/ping: .*longer than/, stderr);
      assert.ok(most > 0 && most < 900, `at most ${most} MiB`);
    });
  }
});

Deno.test("of a webhook's and a heartbeat's answer no byte is unpacked", async () => {
  await using server = startBomber(await bomb(1024 ** 3), "ping");
  const before = Deno.memoryUsage().rss;
  const message: QueuedMessage = {
    event: "failback_ready",
    sentence: "x",
    items: [],
    more: 0,
    advice: "",
    id: "1",
    at: new Date().toISOString(),
    role: "dr",
  };
  assert.equal(await ping(server.url), null);
  assert.equal(
    (await deliver({ url: server.url, format: "json" }, message, new AbortController().signal)).kind,
    "taken",
  );
  assert.ok(Deno.memoryUsage().rss - before < 200 * 1024 ** 2);
});
