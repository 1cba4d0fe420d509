import assert from "node:assert/strict";
import { readEnvironment } from "../../src/config/env_file.ts";
import { readSettings } from "../../src/config/read_settings.ts";
import { SETTINGS } from "../../src/config/table/table.ts";
import { readPassword } from "../support/data/example_environment.ts";

const ROOT = new URL("../../", import.meta.url);
const TEMPLATES = [["primary", ".env.primary"], ["dr", ".env.dr"]] as const;

function template(name: string): string {
  return Deno.readTextFileSync(new URL(name, ROOT));
}

/** Settings from a file with this text; throws where there are mistakes. */
function settingsOf(text: string) {
  const { environment, mistakes } = readEnvironment({}, "template", () => text);
  const read = readSettings(environment, readPassword);
  assert.deepEqual([...mistakes, ...(read.kind === "mistakes" ? read.mistakes : [])], []);
  return read.kind === "settings" ? read.settings : assert.fail();
}

for (const [role, name] of TEMPLATES) {
  Deno.test(`${name} is read without mistakes`, () => {
    assert.equal(settingsOf(template(name)).role, role);
  });

  Deno.test(`${name} has each variable once, the required ones set, the others with their default`, () => {
    const lines = [...template(name).matchAll(/^(#?)([A-Z][A-Z_]*)=(.*)$/gm)];
    assert.deepEqual(
      lines.map(([, , variable]) => variable).sort(),
      SETTINGS.map((setting) => setting.name).sort(),
    );
    for (const [, comment, variable, value] of lines) {
      const { required, default: known } = SETTINGS.find(({ name }) => name === variable)!;
      assert.equal(comment === "", required === true, variable ?? "");
      // A default that is told in words (`the system's`) has no value to show.
      if (!required) assert.equal(value, known ?? "", variable ?? "");
    }
  });

  Deno.test(`${name} means the same with the defaults uncommented`, () => {
    const text = template(name);
    assert.deepEqual(settingsOf(text.replace(/^#(?=[A-Z_]+=)/gm, "")), settingsOf(text));
  });
}

Deno.test("the two templates differ in the site only", () => {
  const [primary, dr] = TEMPLATES.map(([, name]) => settingsOf(template(name)));
  assert.deepEqual(
    {
      ...dr,
      role: "primary",
      local: primary!.local,
      remote: primary!.remote,
      remoteNative: primary!.remoteNative,
    },
    primary,
  );
  assert.deepEqual([primary!.local, primary!.remote], [dr!.remote, dr!.local]);
});
