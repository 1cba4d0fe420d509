import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { envLine, envTemplate } from "../../scripts/build/env_template.ts";
import { parseEnvFile } from "../../src/config/parse_env_file.ts";
import { readValues } from "../../src/config/read_values.ts";
import { RefusedValue } from "../../src/config/setting.ts";
import { SETTINGS } from "../../src/config/table/table.ts";
import { makeAuthority } from "../support/sites/certificates.ts";
import { openSystemd } from "../support/program/systemd_env_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { acceptedValues } from "../support/data/accepted_values.ts";

const VALUE = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\0]/.test(text));

Deno.test("envLine() writes what parseEnvFile() reads back", () => {
  fc.assert(fc.property(VALUE, VALUE, (one, two) => {
    const { variables, problems } = parseEnvFile(`${envLine("ONE", one)}\n${envLine("TWO", two)}\n`);
    assert.deepEqual({ variables: { ...variables }, problems }, {
      variables: { ONE: one, TWO: two },
      problems: [],
    });
  }));
});

Deno.test("envLine() writes what systemd reads back", async () => {
  using systemd = await openSystemd();
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/env`;
  const value = fc.array(fc.constantFrom(..."ab=#;'\"`\\$ \t\nxé😀")).map((characters) =>
    characters.join("")
  );
  fc.assert(
    fc.property(value, (text) => {
      Deno.writeTextFileSync(path, `${envLine("NAME", text)}\n`);
      assert.deepEqual(systemd(path), { NAME: text });
    }),
    { numRuns: 500 },
  );
});

Deno.test("any value that a setting accepts comes back from a template in which it was set", async () => {
  await using directory = await temporaryDirectory();
  const { certFile, keyFile } = await (await makeAuthority(directory.path)).sign("client");
  const password = `${directory.path}/password`;
  await Deno.writeTextFile(password, "secret\n");
  const accepted = acceptedValues({ certificate: certFile, key: keyFile, password });
  const templates = [envTemplate("primary"), envTemplate("dr")];
  for (const setting of SETTINGS) {
    const { name, parse } = setting;
    const values = accepted[name];
    const arbitrary = typeof values === "function" ? values(setting) : values;
    fc.assert(
      fc.property(arbitrary, fc.constantFrom(...templates), (text, template) => {
        const value = parse(text, Deno.readTextFileSync);
        assert.ok(!(value instanceof RefusedValue), `${name}=${text}`);
        const set = template.replace(new RegExp(`^#?${name}=.*$`, "m"), () => envLine(name, text));
        const { variables, problems } = parseEnvFile(set);
        assert.deepEqual(problems, []);
        const read = readValues(variables, Deno.readTextFileSync);
        assert.deepEqual([read.values[name], read.mistakes], [value, []]);
      }),
      { numRuns: 30 },
    );
  }
});
