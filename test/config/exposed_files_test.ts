import assert from "node:assert/strict";
import { exposedFiles, fileMode } from "../../src/config/exposed_files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("exposedFiles() names each file with secrets that everybody may read, once", async () => {
  await using directory = await temporaryDirectory();
  const make = (name: string, mode: number) => {
    Deno.writeTextFileSync(`${directory.path}/${name}`, "");
    Deno.chmodSync(`${directory.path}/${name}`, mode);
    return `${directory.path}/${name}`;
  };
  const [open, group, own] = [make("open", 0o644), make("group", 0o640), make("own", 0o600)];
  const warning = `Every user of this machine may read ${open}, which is for secrets: chmod 600 ${open}`;
  assert.deepEqual(exposedFiles({}, open, fileMode), [warning]);
  assert.deepEqual(
    exposedFiles({ LOCAL_CH_PASSWORD_FILE: ` ${open} `, CLIENT_KEY_FILE: open }, own, fileMode),
    [
      warning,
    ],
  );
  assert.deepEqual(exposedFiles({ REMOTE_CH_PASSWORD_FILE: own, CLIENT_KEY_FILE: "" }, group, fileMode), []);
  assert.deepEqual(exposedFiles({ LOCAL_CH_PASSWORD_FILE: "/nowhere" }, "/nowhere/.env", fileMode), []);
  // What counts is the file, not the link to it.
  Deno.symlinkSync(own, `${directory.path}/link`);
  assert.deepEqual(exposedFiles({}, `${directory.path}/link`, fileMode), []);
});
