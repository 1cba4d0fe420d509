/** Against a real HTTP server on loopback. */
import assert from "node:assert/strict";
import { ping } from "../../src/notify/heartbeat.ts";
import { startWebhookSink } from "../support/receivers/webhook_sink.ts";

Deno.test("ping() asks once, and says what went wrong without the URL", async () => {
  await using sink = startWebhookSink();
  assert.equal(await ping(sink.url), null);
  for (const status of [302, 404, 500]) {
    sink.behaviour = { status };
    assert.equal(await ping(sink.url), `HTTP status ${status}`);
  }
  assert.equal(sink.requests, 4, "no redirect was followed and nothing tried again");
});

Deno.test("ping() comes back where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  assert.equal(await ping(`http://127.0.0.1:${port}/canary`), "no answer");
});
