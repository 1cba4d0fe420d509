import assert from "node:assert/strict";
import type { State } from "../../src/model/state.ts";
import { serveStatus, type StatusOptions } from "../../src/status/server.ts";
import { boardOf, POLICY, READY, sites } from "./shown.ts";

const CHECKED: State = {
  ...READY,
  last_check: new Date().toISOString(),
  ready_until: new Date(Date.now() + 600_000).toISOString(),
};

function serve(state: Partial<State> = {}, more: Partial<StatusOptions> = {}) {
  return serveStatus({
    listen: { hostname: "127.0.0.1", port: 0 },
    login: null,
    policy: POLICY,
    source: {
      state: { ...CHECKED, ...state },
      check: null,
      nextCheck: null,
      waiting: null,
      sites: sites(),
      events: [],
      board: () => Promise.resolve(boardOf([{}])),
    },
    metrics: () =>
      Promise.resolve({ body: "ch_sync_failback_ready 1\n", contentType: "text/plain; version=0.0.4" }),
    onError: (text) => assert.fail(text),
    ...more,
  });
}

type Served = Awaited<ReturnType<typeof serve>>;

async function get({ port }: Served, path: string, init: RequestInit = {}) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

Deno.test("the page, the state, the metrics and both probes are served", async () => {
  const server = await serve();
  const answers: Record<string, Awaited<ReturnType<typeof get>>> = {};
  for (const path of ["/", "/state.json", "/metrics", "/healthz", "/readyz"]) {
    answers[path] = await get(server, path);
  }
  for (const [path, { status }] of Object.entries(answers)) assert.equal(status, 200, path);
  assert.match(answers["/"]!.body, /^<!doctype html>\s*<html lang="en">.*FAILBACK READY/s);
  assert.deepEqual(JSON.parse(answers["/state.json"]!.body), CHECKED);
  assert.equal(answers["/state.json"]!.headers.get("content-type"), "application/json");
  assert.equal(answers["/metrics"]!.body, "ch_sync_failback_ready 1\n");
  assert.equal(answers["/metrics"]!.headers.get("content-type"), "text/plain; version=0.0.4");
  assert.deepEqual([answers["/healthz"]!.body, answers["/readyz"]!.body], ["ok\n", "ok\n"]);
  await server.close();
});

Deno.test("every answer forbids to be kept, framed or guessed at, and the page names all that it may do", async () => {
  const server = await serve();
  for (const path of ["/", "/state.json", "/metrics", "/healthz", "/readyz", "/nowhere"]) {
    const { headers } = await get(server, path);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; /, path);
  }
  const { headers, body } = await get(server, "/");
  const policy = headers.get("content-security-policy")!;
  for (const [, element, text] of body.matchAll(/<(style|script)>(.*?)<\/\1>/gs)) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    assert.ok(policy.includes(`${element}-src 'sha256-${new Uint8Array(digest).toBase64()}'`), element!);
  }
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.doesNotMatch(body, / (style|on\w+)="|https?:\/\//, "nothing from elsewhere, nothing inline");
  await server.close();
});

Deno.test("nothing but reading is answered", async () => {
  const server = await serve();
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const { status, headers } = await get(server, "/", { method });
    assert.equal(status, 405, method);
    assert.equal(headers.get("allow"), "GET, HEAD");
  }
  const { status, body } = await get(server, "/", { method: "HEAD" });
  assert.deepEqual([status, body], [200, ""]);
  const lost = await get(server, "/../../etc/passwd");
  assert.deepEqual([lost.status, lost.body], [404, "There is nothing here: the page is at /\n"]);
  await server.close();
});

Deno.test("with a password, all but /healthz wants it", async () => {
  const login = { user: "ch-sync", password: "pässwörd: 🦆" };
  const server = await serve({}, { login });
  const basic = (text: string) => ({
    headers: { authorization: `Basic ${new TextEncoder().encode(text).toBase64()}` },
  });
  for (const path of ["/", "/state.json", "/metrics", "/readyz", "/nowhere"]) {
    const refused = await get(server, path);
    assert.equal(refused.status, 401, path);
    assert.equal(refused.headers.get("www-authenticate"), 'Basic realm="ch-sync"');
    assert.doesNotMatch(refused.body, /FAILBACK|primary|ch_sync_/);
    for (
      const wrong of [
        "ch-sync:",
        "ch-sync:pässwörd",
        `other:${login.password}`,
        `ch-sync:${login.password}x`,
        "x",
      ]
    ) {
      assert.equal((await get(server, path, basic(wrong))).status, 401, wrong);
    }
    const { status } = await get(server, path, basic(`ch-sync:${login.password}`));
    assert.equal(status, path === "/nowhere" ? 404 : 200, path);
  }
  assert.equal((await get(server, "/healthz")).status, 200);
  await server.close();
});

Deno.test("/readyz fails with the reason, and the page is there all the same", async () => {
  const server = await serve({ unreachable: ["remote"] });
  const { status, body } = await get(server, "/readyz");
  assert.deepEqual([status, body], [503, "no answer from the remote ClickHouse\n"]);
  assert.equal((await get(server, "/")).status, 200);
  await server.close();
});

Deno.test("a page that cannot be made is an error in the log, without a trace in the answer", async () => {
  const errors: string[] = [];
  const metrics = () => Promise.reject(new Error("of secret-things"));
  const server = await serve({}, { metrics, onError: (text) => errors.push(text) });
  const { status, body } = await get(server, "/metrics");
  assert.equal(status, 500);
  assert.doesNotMatch(body, /secret|\bat /);
  assert.deepEqual(errors, ["The status server could not answer /metrics: of secret-things"]);
  await server.close();
});

Deno.test("an address that is taken is an error that says so", async () => {
  const server = await serve();
  await assert.rejects(serve({}, { listen: { hostname: "127.0.0.1", port: server.port } }), /in use/);
  await server.close();
});

Deno.test("the server ends at once, although somebody never finishes asking, and somebody never reads", async () => {
  const board = boardOf(
    Array.from({ length: 60 }, (_, index) => ({ table: `d.t${index}${"x".repeat(3000)}` })),
  );
  const source = { state: CHECKED, check: null, nextCheck: null, waiting: null, sites: sites(), events: [] };
  const server = await serve({}, { source: { ...source, board: () => Promise.resolve(board) } });
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port: server.port });
  using asking = await connect();
  await asking.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n"));
  using deaf = await connect();
  for (let times = 0; times < 30; times++) {
    await deaf.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  }
  using idle = await connect();
  await idle.write(new TextEncoder().encode("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"));
  await idle.read(new Uint8Array(10));
  const begun = performance.now();
  await server.close();
  assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms`);
});
