/** An error that nobody catches, in the real program: a module that is loaded before it arranges for one. */
import assert from "node:assert/strict";
import { RUNTIME_FLAGS } from "../../scripts/build/runtime.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PASSWORD = "canary'of&writer";

/** Once ch-sync listens to signals, which is the first thing that it does. */
const before = (milliseconds: number, mistake: string) => `
const listen = Deno.addSignalListener;
Deno.addSignalListener = (signal, handler) => {
  listen(signal, handler);
  if (signal === "SIGINT") setTimeout(() => { ${mistake} }, ${milliseconds});
};
`;

Deno.test("an error that nobody catches is one sentence without a secret and a trace, and ends ch-sync", async () => {
  await using directory = await temporaryDirectory();
  const text = JSON.stringify(
    `in 'https://u:${PASSWORD}@h/' of remote('h', d.t, 'u', 'other-canary')\n    at x`,
  );
  for (
    const [milliseconds, mistake] of [
      [0, `throw new Error(${text})`],
      [1500, `throw new Error(${text})`],
      [1500, `Promise.reject(new TypeError(${text}))`],
      [1500, `Promise.reject(${text})`],
    ] as const
  ) {
    const module = `${directory.path}/module.js`;
    await Deno.writeTextFile(module, before(milliseconds, mistake));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        ...RUNTIME_FLAGS,
        `--config=${ROOT}deno.json`,
        `--preload=${module}`,
        `${ROOT}src/main.ts`,
      ],
      cwd: directory.path,
      env: {
        ROLE: "dr",
        LOCAL_CH_URL: "http://127.0.0.1:9",
        LOCAL_CH_PASSWORD: PASSWORD,
        REMOTE_CH_URL: "http://127.0.0.1:11",
        DNS_RECORD: "clickhouse.example",
        PRIMARY_IP: "192.0.2.1",
        DR_IP: "192.0.2.2",
        ACTIVE_SITE: "primary",
        NO_COLOR: "1",
      },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 1, said);
    const last = said.trimEnd().split("\n").at(-1)!;
    assert.match(last, /^\[ERROR\] .*has a bug and ends \(.*\*\*\*/);
    assert.doesNotMatch(said, /canary|Uncaught|^ +at /m, mistake);
  }
});
