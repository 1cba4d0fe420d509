// deno-lint-ignore-file no-console
/** `deno task test:unit`, `test:sites`, `test:e2e`: the tests of one kind. What follows goes to `deno test`, such as `--filter`. */
import { TEST_KINDS, testFiles } from "../test/support/test_kinds.ts";

const [wanted, ...more] = Deno.args;
const kind = TEST_KINDS.find((known) => known === wanted);
if (!kind) {
  console.error(`Which tests? One of ${TEST_KINDS.join(", ")}`);
  Deno.exit(2);
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "--quiet", "--parallel", "--unstable-net", "--allow-all", ...more, ...testFiles(kind)],
  cwd: new URL("../", import.meta.url),
  // Three files with servers at a time, as in `deno task test`: each wants two thirds of a core, and waits the rest of the time.
  env: kind === "unit" ? {} : { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "3" },
}).spawn().status;
Deno.exit(code);
