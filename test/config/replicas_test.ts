/** Several addresses a site, as `.env` names them, and every mistake in them. */
import assert from "node:assert/strict";
import { settingsDigest } from "../../src/config/settings_digest.ts";
import { mistakesWith, settingsWith } from "../support/data/example_environment.ts";

Deno.test("replicas of a site are read with | between them, each with its native address", () => {
  const settings = settingsWith({
    LOCAL_CH_URL: "http://dr-a:8123 | http://dr-b:8123/",
    REMOTE_CH_URL: "https://pri-a:8443|https://[2001:db8::5]:8443",
    REMOTE_CH_PORT: "9100",
  });
  assert.equal(settings.local.url, "http://dr-a:8123");
  assert.equal(settings.remote.url, "https://pri-a:8443");
  assert.deepEqual(settings.replicas, {
    local: ["http://dr-a:8123", "http://dr-b:8123"],
    remote: [
      { url: "https://pri-a:8443", native: { host: "pri-a", port: 9100, secure: false } },
      { url: "https://[2001:db8::5]:8443", native: { host: "2001:db8::5", port: 9100, secure: false } },
    ],
  });
  assert.deepEqual(settings.remoteNative, settings.replicas.remote[0]!.native);
});

Deno.test("native hosts of replicas may have ports of their own, IPv6 ones in brackets", () => {
  const { replicas, remoteNative } = settingsWith({
    REMOTE_CH_URL: "http://127.0.0.1:18123|http://127.0.0.1:28123|http://127.0.0.1:38123",
    REMOTE_CH_HOST: "pri-a:9001|[2001:db8::5]:9002|2001:db8::6",
    REMOTE_CH_SECURE: "true",
  });
  assert.deepEqual(replicas.remote.map(({ native }) => native), [
    { host: "pri-a", port: 9001, secure: true },
    { host: "2001:db8::5", port: 9002, secure: true },
    { host: "2001:db8::6", port: 9440, secure: true },
  ]);
  assert.equal(remoteNative.port, 9001);
  assert.deepEqual(settingsWith({ REMOTE_CH_HOST: "pri-a:9001" }).remoteNative, {
    host: "pri-a",
    port: 9001,
    secure: false,
  });
});

const URLS = "http://pri-a:8123|http://pri-b:8123";
const MISTAKES: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    "an empty shard",
    { REMOTE_CH_URL: "http://a:8123,,http://b:8123" },
    /^REMOTE_CH_URL=\S+ has an empty place/,
  ],
  ["an empty shard here", { LOCAL_CH_URL: "http://a:8123," }, /^LOCAL_CH_URL=\S+ has an empty place/],
  [
    "one server in two shards here",
    { LOCAL_CH_URL: "http://a:8123,http://a:8123" },
    /^LOCAL_CH_URL=\S+ names http:\/\/a:8123 twice/,
  ],
  [
    "fewer native hosts than shards here",
    { LOCAL_CH_URL: "http://a:8123,http://b:8123,http://c:8123", LOCAL_CH_HOST: "a,b" },
    /^LOCAL_CH_HOST=a,b .*1 and 1 .*LOCAL_CH_URL 1 and 1 and 1\b/,
  ],
  [
    "native hosts as replicas where these are shards",
    { LOCAL_CH_URL: "http://a:8123,http://b:8123", LOCAL_CH_HOST: "a|b" },
    /^LOCAL_CH_HOST=a\|b .*2 .*LOCAL_CH_URL 1 and 1\b/,
  ],
  [
    "an empty place among native hosts here",
    { LOCAL_CH_URL: "http://a:8123,http://b:8123", LOCAL_CH_HOST: "a, ,b" },
    /^LOCAL_CH_HOST=.* has an empty place/,
  ],
  [
    "the same native host twice here",
    { LOCAL_CH_URL: "http://a:8123,http://b:8123", LOCAL_CH_HOST: "a,A:9000" },
    /^LOCAL_CH_HOST=\S+ names A:9000 twice/,
  ],
  [
    "two shards on one host, without native ports",
    { LOCAL_CH_URL: "http://127.0.0.1:18123,http://127.0.0.1:28123" },
    /^LOCAL_CH_HOST is required.*LOCAL_CH_URL.*127\.0\.0\.1/,
  ],
  [
    "one server in two shards",
    { REMOTE_CH_URL: "http://a:8123,http://a:8123" },
    /names http:\/\/a:8123 twice/,
  ],
  [
    "shards of hosts",
    { REMOTE_CH_HOST: "a,b" },
    /^REMOTE_CH_HOST=a,b .*1 and 1 .*REMOTE_CH_URL/,
  ],
  [
    "replicas that are shards of hosts",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "a,b" },
    /^REMOTE_CH_HOST=a,b .*1 and 1 .*REMOTE_CH_URL 2\b/,
  ],
  ["an empty place", { LOCAL_CH_URL: "http://a:8123|" }, /^LOCAL_CH_URL=\S+ has an empty place/],
  ["another one", { REMOTE_CH_URL: "|http://a:8123" }, /^REMOTE_CH_URL=\S+ has an empty place/],
  ["one in the middle", { REMOTE_CH_URL: `${URLS}||http://c:8123` }, /^REMOTE_CH_URL=\S+ has an empty place/],
  [
    "one among hosts",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "a| |b" },
    /^REMOTE_CH_HOST=.* has an empty place/,
  ],
  [
    "fewer hosts than URLs",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "pri-a" },
    /^REMOTE_CH_HOST=pri-a names 1 and/,
  ],
  [
    "more hosts than URLs",
    { REMOTE_CH_HOST: "pri-a|pri-b" },
    /^REMOTE_CH_HOST=\S+ names 2 and REMOTE_CH_URL 1/,
  ],
  [
    "the same URL twice",
    { LOCAL_CH_URL: "http://a:8123|http://A:8123/" },
    /^LOCAL_CH_URL=\S+ names http:\/\/A:8123 twice/,
  ],
  [
    "the same host twice",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "pri-a|PRI-A" },
    /^REMOTE_CH_HOST=\S+ names PRI-A twice/,
  ],
  [
    "the same host twice, once with the default port",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "pri-a|pri-a:9000" },
    /^REMOTE_CH_HOST=\S+ names pri-a:9000 twice/,
  ],
  [
    "two URLs of one host, without native ports",
    { REMOTE_CH_URL: "http://127.0.0.1:18123|http://127.0.0.1:28123" },
    /^REMOTE_CH_HOST is required.*REMOTE_CH_URL.*127\.0\.0\.1/,
  ],
  [
    "a server at both sites",
    { REMOTE_CH_URL: "http://pri-a:8123|http://192.168.200.143:8123" },
    /^REMOTE_CH_URL=\S+ must not hold http:\/\/192\.168\.200\.143:8123, which LOCAL_CH_URL holds/,
  ],
  ["a port that is none", { REMOTE_CH_HOST: "pri-a:70000" }, /^REMOTE_CH_HOST=\S+ must be a host name/],
  ["a path", { LOCAL_CH_URL: "http://a:8123|http://b:8123/x" }, /^LOCAL_CH_URL=\S+ must be an http/],
  [
    "an address without its scheme",
    { REMOTE_CH_URL: "http://a:8123|b:8123,http://c:8123" },
    /^REMOTE_CH_URL=\S+ must be an http.*\breplica 2 of shard 1 \(b:8123\).*\| .*replicas.* , .*shards/,
  ],
  [
    "a shard without its scheme",
    { LOCAL_CH_URL: "http://a:8123,b:8123" },
    /^LOCAL_CH_URL=\S+ must be an http.*\bwhich shard 2 \(b:8123\).*\| .*replicas.* , .*shards/,
  ],
  [
    "a semicolon between addresses",
    { REMOTE_CH_URL: "http://a:8123;http://b:8123" },
    /^REMOTE_CH_URL=http:\/\/a:8123;http:\/\/b:8123 must be an http.*\| .*replicas.* , .*shards/,
  ],
  [
    "a semicolon between names",
    { REMOTE_CH_URL: "http://a;b:8123" },
    /^REMOTE_CH_URL=\S+ must be an http.*\| .*replicas.* , .*shards/,
  ],
  [
    "a space between addresses",
    { LOCAL_CH_URL: "http://a:8123 http://b:8123" },
    /^LOCAL_CH_URL=http:\/\/a:8123 http:\/\/b:8123 must be an http.*\| .*replicas.* , .*shards/,
  ],
  [
    "a space between hosts",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "pri-a pri-b" },
    /^REMOTE_CH_HOST=pri-a pri-b must be a host name.*\| .*replicas.* , .*shards/,
  ],
  [
    "an IPv6 address without brackets",
    { REMOTE_CH_URL: "http://a:8123|http://2001:db8::5:8123" },
    /^REMOTE_CH_URL=\*\*\* must be an http.*\breplica 2 is not/,
  ],
  [
    "port 0",
    { LOCAL_CH_URL: "http://a:8123|http://b:0" },
    /^LOCAL_CH_URL=\S+ must .*replica 2 \(http:\/\/b:0\)/,
  ],
  [
    "port 0 of a host",
    { REMOTE_CH_URL: "http://a:8123,http://b:8123", REMOTE_CH_HOST: "a,b:0" },
    /^REMOTE_CH_HOST=a,b:0 must be a host name.*\bshard 2 \(b:0\)/,
  ],
  [
    "what may be a password among hosts",
    { REMOTE_CH_URL: URLS, REMOTE_CH_HOST: "u:0|34@b" },
    /^REMOTE_CH_HOST=\*\*\* must be a host name or an address, which replica 1 is not; [^0@]+$/,
  ],
  [
    "a named collection",
    { REMOTE_CH_URL: URLS, REMOTE_COLLECTION: "other_site" },
    /^REMOTE_COLLECTION=other_site holds the address of one server/,
  ],
];

Deno.test("shards of the other site are read with a comma between them", async () => {
  const environment = {
    REMOTE_CH_URL: "http://a1:8123|http://a2:8123, http://b1:8123",
    REMOTE_CH_HOST: "a1|a2:9001, b1",
  };
  const settings = settingsWith(environment);
  const native = (host: string, port = 9000) => ({ host, port, secure: false });
  assert.deepEqual(settings.shards, [
    [{ url: "http://a1:8123", native: native("a1") }, { url: "http://a2:8123", native: native("a2", 9001) }],
    [{ url: "http://b1:8123", native: native("b1") }],
  ]);
  assert.deepEqual(settings.replicas, { local: [], remote: [] });
  assert.deepEqual([settings.remote.url, settings.remoteNative], ["http://a1:8123", native("a1")]);
  const preferred = settingsWith({
    REMOTE_CH_URL: "http://a2:8123|http://a1:8123,http://b1:8123",
    REMOTE_CH_HOST: "a2:9001|a1,b1",
  });
  assert.equal(await settingsDigest(preferred), await settingsDigest(settings));
  const fewer = settingsWith({ REMOTE_CH_URL: "http://a1:8123,http://b1:8123" });
  assert.notEqual(await settingsDigest(fewer), await settingsDigest(settings));
});

Deno.test("shards of this site are read with a comma between them, with native addresses of their own", async () => {
  const settings = settingsWith({
    LOCAL_CH_URL: "http://d1:8123|http://d2:8123, http://e1:8123",
    LOCAL_CH_HOST: "d1|d2:9001, e1.internal",
    LOCAL_CH_PORT: "9100",
  });
  const native = (host: string, port = 9100) => ({ host, port, secure: false });
  assert.deepEqual(settings.localShards, [
    [{ url: "http://d1:8123", native: native("d1") }, { url: "http://d2:8123", native: native("d2", 9001) }],
    [{ url: "http://e1:8123", native: native("e1.internal") }],
  ]);
  assert.deepEqual([settings.local.url, settings.replicas.local], ["http://d1:8123", []]);
  const plain = settingsWith({ LOCAL_CH_URL: "http://d1:8123,http://e1:8123" });
  assert.deepEqual(plain.localShards.flat().map((one) => one.native), [
    native("d1", 9000),
    native("e1", 9000),
  ]);
  assert.notEqual(await settingsDigest(plain), await settingsDigest(settings));
  // One shard needs none of it, whatever stands there.
  assert.deepEqual(settingsWith({ LOCAL_CH_HOST: "elsewhere" }).localShards, []);
});

Deno.test("every mistake in addresses is told, in one sentence", async (t) => {
  for (const [what, changes, says] of MISTAKES) {
    await t.step(what, () => {
      const mistakes = mistakesWith(changes);
      assert.equal(mistakes.length, 1, mistakes.join("\n"));
      assert.match(mistakes[0]!, says);
    });
  }
});

Deno.test("credentials in an address of several are refused, and not shown", () => {
  for (
    const url of [
      "http://a:8123|http://u:canary@b:8123",
      "http://u:ca,nary@b:8123",
      "http://u:ca|nary@b:8123",
    ]
  ) {
    const mistakes = mistakesWith({ LOCAL_CH_URL: url });
    assert.deepEqual(mistakes, [
      "LOCAL_CH_URL=*** must not hold credentials: set LOCAL_CH_USER and LOCAL_CH_PASSWORD",
    ]);
  }
});

Deno.test("which replica is read, or preferred, is no setting that clean checks depend on; which there are is one", async () => {
  const [ab, ba, abc] = ["a|b", "b|a", "a|b|c"].map((hosts) =>
    settingsWith({ LOCAL_CH_URL: hosts.split("|").map((host) => `http://${host}:8123`).join("|") })
  );
  const picked = { ...ab!, local: { ...ab!.local, url: "http://b:8123" } };
  assert.equal(await settingsDigest(picked), await settingsDigest(ab!));
  assert.equal(await settingsDigest(ba!), await settingsDigest(ab!));
  assert.notEqual(await settingsDigest(abc!), await settingsDigest(ab!));
});
