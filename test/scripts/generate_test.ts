import assert from "node:assert/strict";
import { generated } from "../../scripts/generate.ts";
import { FLAGS } from "../../src/flags.ts";
import { VERBS } from "../../src/verbs.ts";
import { needsPackage } from "../support/sites/debian_packages.ts";

const COMPLETIONS = new URL("../../scripts/completions/", import.meta.url).pathname;
const offered = FLAGS.map(({ name }) => `--${name}`);

async function output(program: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, env: { LC_ALL: "C.UTF-8" }, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  assert.ok(success, `${program} ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout) + text.decode(stderr);
}

Deno.test("what is generated was generated from these sources: deno task generate", () => {
  for (const [path, text] of generated()) {
    assert.equal(Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url)), text, path);
  }
});

Deno.test("the man page is sound roff, and tells every flag and verb", async () => {
  await needsPackage("groff-base", "/usr/bin/groff");
  const page = new URL("../../scripts/ch-sync.1", import.meta.url).pathname;
  const shown = await output("groff", "-man", "-ww", "-Tutf8", "-P-cbou", page);
  assert.doesNotMatch(shown, /ch-sync\.1:\d+:/);
  for (const flag of [...offered, ...VERBS.map(({ name }) => name)]) assert.ok(shown.includes(flag), flag);
});

Deno.test("bash completes flags, levels and files", async () => {
  await needsPackage("shellcheck", "/usr/bin/shellcheck");
  await output("shellcheck", `${COMPLETIONS}ch-sync.bash`);
  const complete = async (...words: string[]) => {
    const script =
      `source ${COMPLETIONS}ch-sync.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ch_sync; ` +
      `printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await output("bash", "-c", script, "bash", "ch-sync", ...words)).trim().split("\n");
  };
  assert.deepEqual(await complete("--"), offered);
  assert.deepEqual(await complete("--st"), ["--status"]);
  assert.deepEqual(await complete("pa"), ["pause"]);
  assert.deepEqual(await complete("--log-level", "w"), ["warning"]);
  assert.ok((await complete("--env-file", `${COMPLETIONS}ch-`)).includes(`${COMPLETIONS}ch-sync.bash`));
});

Deno.test("fish completes flags and levels", async () => {
  await needsPackage("fish", "/usr/bin/fish");
  const complete = async (line: string) => {
    const script = `source ${COMPLETIONS}ch-sync.fish; complete -C '${line}'`;
    return (await output("fish", "--no-config", "-c", script)).trim().split("\n").map((line) =>
      line.split("\t")[0]
    );
  };
  assert.deepEqual(await complete("ch-sync --"), [...offered].sort());
  assert.deepEqual(await complete("ch-sync --log-level w"), ["warning"]);
  assert.deepEqual(await complete("ch-sync pa"), ["pause"]);
});

Deno.test("zsh completes flags and levels", async () => {
  await needsPackage("zsh", "/usr/bin/zsh");
  const complete = (line: string) =>
    output(
      "zsh",
      "-fc",
      `zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PS1=; fpath=(${COMPLETIONS} \\$fpath); autoload -U compinit; compinit -u -D; print -n READY''NOW"
      zpty -r -m shell ready '*READYNOW*'
      zpty -w -n shell $'${line}\\t'
      zpty -r -m shell seen '*(--status|--log-level warning|pause)*'
      print -r -- $seen
      zpty -d shell`,
    );
  assert.match(await complete("ch-sync --st"), /ch-sync --status/);
  assert.match(await complete("ch-sync pa"), /ch-sync pause/);
  assert.match(await complete("ch-sync --log-level w"), /ch-sync --log-level warning/);
});
