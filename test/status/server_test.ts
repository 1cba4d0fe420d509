import assert from "node:assert/strict";
import { hash } from "bcryptjs";
import type { State } from "../../src/model/state.ts";
import { serveStatus, type StatusOptions } from "../../src/status/server.ts";
import { makeAuthority } from "../support/sites/certificates.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { boardOf, POLICY, READY, sites } from "../support/shown_page.ts";

const month = () => Promise.resolve(new Map());

const CHECKED: State = {
  ...READY,
  last_check: new Date().toISOString(),
  ready_until: new Date(Date.now() + 600_000).toISOString(),
};

function serve(state: Partial<State> = {}, more: Partial<StatusOptions> = {}) {
  return serveStatus({
    listen: { hostname: "127.0.0.1", port: 0 },
    tls: null,
    hosts: [],
    login: null,
    policy: POLICY,
    source: {
      state: { ...CHECKED, ...state },
      check: null,
      nextCheck: null,
      waiting: null,
      sites: sites(),
      events: [],
      month,
      board: () => Promise.resolve(boardOf([{}])),
    },
    metrics: () =>
      Promise.resolve({ body: "ch_sync_failback_ready 1\n", contentType: "text/plain; version=0.0.4" }),
    onError: (text) => assert.fail(text),
    onWrongPassword: () => {},
    ...more,
  });
}

/** All that is answered to these bytes. */
async function raw({ port }: Served, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  let answer = "";
  const bytes = new Uint8Array(65_536);
  for (let read = await connection.read(bytes); read !== null; read = await connection.read(bytes)) {
    answer += new TextDecoder("latin1").decode(bytes.subarray(0, read));
  }
  return answer;
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

const basic = (text: string) => ({
  headers: { authorization: `Basic ${new TextEncoder().encode(text).toBase64()}` },
});

Deno.test("with a password, all but /healthz wants it, plain or as a hash", async () => {
  const password = "pässwörd: 🦆";
  for (const hashed of [false, true]) {
    const from: string[] = [];
    const login = { user: "ch-sync", password: hashed ? await hash(password, 5) : password, hashed };
    const server = await serve({}, { login, onWrongPassword: (address) => from.push(address) });
    for (const path of ["/", "/state.json", "/metrics", "/readyz", "/nowhere"]) {
      const refused = await get(server, path);
      assert.equal(refused.status, 401, path);
      assert.match(refused.headers.get("www-authenticate")!, /^Basic realm="ch-sync"/);
      assert.match(refused.headers.get("content-security-policy")!, /^default-src 'none'/);
      assert.doesNotMatch(refused.body, /FAILBACK|primary|ch_sync_/);
      const { status } = await get(server, path, basic(`ch-sync:${password}`));
      assert.equal(status, path === "/nowhere" ? 404 : 200, path);
    }
    assert.deepEqual(from, []);
    const wrong = ["ch-sync:", "ch-sync:pässwörd", `other:${password}`, `ch-sync:${password}x`, "x"];
    if (hashed) wrong.push(`ch-sync:${login.password}`);
    for (const text of wrong) assert.equal((await get(server, "/", basic(text))).status, 401, text);
    assert.deepEqual(from, wrong.map(() => "127.0.0.1"));
    assert.equal((await get(server, "/healthz")).status, 200);
    await server.close();
  }
});

Deno.test("who guesses is put off, also with the right password, and is told for how long", async () => {
  const login = { user: "ch-sync", password: "right", hashed: false };
  let told = 0;
  const server = await serve({}, { login, onWrongPassword: () => told++ });
  const guesses = await Promise.all(
    Array.from({ length: 40 }, (_, index) => get(server, "/", basic(`ch-sync:${index}`))),
  );
  const put = guesses.filter(({ status }) => status === 429);
  assert.ok(put.length >= 25 && guesses.every(({ status }) => status === 401 || status === 429));
  assert.equal(told, guesses.length - put.length);
  assert.ok(Number(put[0]!.headers.get("retry-after")) > 0);
  assert.equal((await get(server, "/", basic("ch-sync:right"))).status, 429);
  assert.equal((await get(server, "/healthz")).status, 200);
  await server.close();
});

Deno.test("only a name of its own is answered, and any address", async () => {
  const server = await serve({}, { hosts: ["status.example"] });
  const ask = async (host: string) =>
    (await raw(server, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).slice(9, 12);
  const { port } = server;
  for (
    const host of [
      "localhost",
      `LOCALHOST:${port}`,
      "127.0.0.1",
      "192.0.2.1:80",
      "[::1]:80",
      "status.example",
      "Status.Example.:443",
    ]
  ) {
    assert.equal(await ask(host), "200", host);
  }
  for (
    const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "example",
    ]
  ) {
    assert.equal(await ask(host), "421", host);
  }
  for (
    const host of [
      "",
      "evil.example@127.0.0.1",
      "127.0.0.1/evil.example",
      "a b",
      "localhost\r\nHost: evil.example",
    ]
  ) {
    assert.equal(await ask(host), "400", host);
  }
  const absolute = await raw(server, "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.match(absolute, /^HTTP\/1\.1 421 [^]*STATUS_HOSTS/);
  await server.close();
});

Deno.test("requests that are none get an answer that says so", async () => {
  const server = await serve();
  for (
    const [text, status] of [
      ["\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\n\r\n", 400],
      ["GET / HTTP/1.0\r\n\r\n", 200],
      ["GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505],
      ["GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
      ["GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
      ["GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 404],
      ["GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\nHost: localhost\r\nx\x00: y\r\n\r\n", 400],
      ["TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405],
      ["CONNECT a.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
      ["POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345", 405],
      [`GET / HTTP/1.1\r\nHost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    ] as const
  ) {
    assert.equal((await raw(server, text)).slice(0, 12), `HTTP/1.1 ${status}`, text.slice(0, 60));
  }
  await server.close();
});

Deno.test("a long page is packed for who takes that", async () => {
  const board = boardOf(Array.from({ length: 30 }, (_, index) => ({ table: `d.t${index}` })));
  const source = { state: CHECKED, check: null, nextCheck: null, waiting: null, sites: sites(), events: [] };
  const server = await serve({}, { source: { ...source, board: () => Promise.resolve(board), month } });
  const ask = (encoding: string) => raw(server, `GET / HTTP/1.0\r\naccept-encoding: ${encoding}\r\n\r\n`);
  const plain = await ask("gzip;q=0, br");
  assert.match(plain, /<\/html>/);
  const packed = await ask("br, gzip");
  assert.match(packed, /content-encoding: gzip/);
  assert.ok(packed.length < plain.length / 2);
  assert.match((await get(server, "/")).body, /<\/html>/, "the client unpacks it");
  await server.close();
});

Deno.test("with a certificate it speaks TLS", async () => {
  await using directory = await temporaryDirectory();
  const authority = await makeAuthority(directory.path);
  const { cert, key } = await authority.sign("server");
  const server = await serve({}, { tls: { certificate: cert, key } });
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authority.certFile)] });
  for (const host of ["localhost", "127.0.0.1"]) {
    const response = await fetch(`https://${host}:${server.port}/healthz`, { client });
    assert.equal(await response.text(), "ok\n");
  }
  const plain = await raw(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").catch(() => "");
  assert.ok(!plain.includes("HTTP"));
  await server.close();
});

Deno.test("hundreds that say nothing keep nobody from the page, and none of them stays", async () => {
  const server = await serve();
  const idle = await Promise.all(
    Array.from({ length: 300 }, () => Deno.connect({ hostname: "127.0.0.1", port: server.port })),
  );
  for (let times = 0; times < 3; times++) assert.equal((await get(server, "/")).status, 200);
  const ended = await Promise.all(
    idle.slice(0, 100).map((connection) => connection.read(new Uint8Array(1)).catch(() => null)),
  );
  assert.ok(ended.every((read) => read === null));
  for (const connection of idle) connection.close();
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
  const server = await serve({}, { source: { ...source, board: () => Promise.resolve(board), month } });
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
  assert.ok(performance.now() - begun < 20_000, `${performance.now() - begun} ms`);
});
