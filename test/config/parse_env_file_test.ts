import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { parseEnvFile } from "../../src/config/parse_env_file.ts";
import { openSystemd } from "../support/program/systemd_env_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { eachSays } from "../support/says.ts";

Deno.test("parseEnvFile() reports the lines that are not read, without their text", () => {
  const text = [
    "# comment",
    "; comment",
    "  ",
    "ROLE: dr hunter2",
    "hunter2",
    "two words=hunter2",
    "export LOG_LEVEL=debug",
    "A='hunter2' more",
    "B=hun#ter2",
    "C=hunter2 # comment",
    "D='fine#' # comment",
    "E=`hunter2`",
    "F=hun\\ter2",
    "# goes on \\",
    "G=",
    "H=two words, it's $HOME",
    "=hunter2",
  ].join("\r\n");
  const { variables, problems } = parseEnvFile(text);
  const told = problems.map(({ line, problem }) => `${line} ${problem}`);
  eachSays(told, [
    ["4 ", "NAME=value"],
    ["5 ", "NAME=value"],
    ["6 ", "NAME=value"],
    ["7 ", "export"],
    ["8 ", "after the quote '"],
    ["9 ", "quotes", "#"],
    ["10 ", "quotes", "#"],
    ["11 ", "after the quote '"],
    ["12 ", "single or double quotes", "`"],
    ["13 ", "single quotes", "\\"],
    ["14 ", "comment", "\\"],
    ["17 ", "NAME=value"],
  ]);
  assert.doesNotMatch(told.join(), /hunter2/);
  assert.deepEqual(variables, { G: "", H: "two words, it's $HOME" });
});

Deno.test("parseEnvFile() takes values of several lines, and reports a quote that is never closed", () => {
  const { variables, problems } = parseEnvFile("A='one\ntwo'\nB=1\nC=\"open\nD=2\nstray\n");
  assert.deepEqual(variables, { A: "one\ntwo", B: "1", D: "2" });
  eachSays(problems.map(({ line, problem }) => `${line} ${problem}`), [
    ["4 ", 'the quote "'],
    ["6 ", "NAME=value"],
  ]);
});

Deno.test("parseEnvFile() reads every value in single quotes back", () => {
  const value = fc.string({ unit: "grapheme" }).filter((text) => !/['\r]/.test(text));
  fc.assert(fc.property(value, value, (one, two) => {
    const { variables, problems } = parseEnvFile(`ONE='${one}'\nTWO='${two}'\n`);
    assert.deepEqual({ variables: { ...variables }, problems }, {
      variables: { ONE: one, TWO: two },
      problems: [],
    });
  }));
});

Deno.test("a file without problems is read as systemd reads it", async () => {
  using systemd = await openSystemd();
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/env`;
  const piece = fc.constantFrom(
    ..."AB_=#;'\"`\\$ \t\n\rxé€😀",
    "\n",
    "\nA=",
    "\nB='",
    'C="',
    "export ",
  );
  let clean = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join("")), (text) => {
      const { variables, problems } = parseEnvFile(text);
      if (problems.length > 0) return;
      if (Object.keys(variables).length > 0) clean++;
      Deno.writeTextFileSync(path, text);
      assert.deepEqual({ ...variables }, systemd(path));
    }),
    { numRuns: 20_000 },
  );
  assert.ok(clean > 500, `${clean} files with variables and without problems`);
});

Deno.test("the templates are read as systemd reads them, with every variable set", async () => {
  using systemd = await openSystemd();
  await using directory = await temporaryDirectory();
  for (const name of [".env.primary", ".env.dr"]) {
    const template = await Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
    const text = template.replace(/^#(?=[A-Z_]+=)/gm, "");
    await Deno.writeTextFile(`${directory.path}/env`, text);
    const { variables, problems } = parseEnvFile(text);
    assert.deepEqual(problems, []);
    assert.deepEqual({ ...variables }, systemd(`${directory.path}/env`));
    assert.ok(Object.keys(variables).length > 30);
  }
});
