/** What is made from the table of settings. That it was made from this one is held by test/scripts/generate_test.ts. */
import assert from "node:assert/strict";
import { CONFIGURATION_PAGE } from "../../scripts/generate.ts";
import { SECTIONS, SETTINGS } from "../../src/config/table/table.ts";

function read(path: string): string {
  return Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
}

/** These in the order in which they stand in a text. */
function inOrder(text: string, marks: readonly string[]): void {
  let at = -1;
  for (const mark of marks) {
    const next = text.indexOf(mark, at + 1);
    assert.ok(next > at, `${mark} is missing, or not in the table's order`);
    at = next;
  }
}

Deno.test("the documentation has a row with name and default for every setting", () => {
  const page = read(CONFIGURATION_PAGE);
  const rows = new Map(
    [...page.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| .+ \|$/gm)].map(([, name, value]) => [name, value]),
  );
  for (const { name, default: value, otherwise, required } of SETTINGS) {
    const shown = rows.get(name)?.replaceAll("`", "");
    assert.equal(shown, required ? "required" : (otherwise ?? value ?? "none").replaceAll("`", ""), name);
  }
  inOrder(page, [
    "<!-- configuration:begin -->",
    ...SECTIONS.flatMap(({ title, settings }) => [
      `\n**${title}**`,
      ...Object.keys(settings).map((name) => `\n| \`${name}\` |`),
    ]),
    "<!-- configuration:end -->",
  ]);
});

Deno.test("the man page has an entry for every setting", () => {
  inOrder(
    read("scripts/ch-sync.1"),
    SECTIONS.flatMap(({ title, settings }) => [
      `\n.SS ${title}\n`,
      ...Object.keys(settings).map((name) => `\n.TP\n\\fB${name}\\fR\n`),
    ]),
  );
});

for (const path of [".env.primary", ".env.dr"]) {
  Deno.test(`${path} has a line for every setting, in its section`, () => {
    inOrder(
      read(path),
      SECTIONS.flatMap(({ title, settings }) => [
        `\n# --- ${title} -`,
        ...Object.entries(settings).map(([name, { required }]) => `\n${required ? "" : "#"}${name}=`),
      ]),
    );
  });
}

Deno.test("every output tells what is accepted where something is not, and the old names", () => {
  for (const path of [CONFIGURATION_PAGE, "scripts/ch-sync.1", ".env.primary", ".env.dr"]) {
    const text = read(path).replace(/\\f[BR]|\\&|`/g, "").replaceAll("\\-", "-").replace(/\n# /g, " ");
    for (const { name, accepts, anything, aliases = [] } of SETTINGS) {
      assert.ok(anything || text.includes(accepts), `${path}: ${name}`);
      for (const alias of aliases) assert.ok(text.includes(alias), `${path}: ${alias}`);
    }
  }
});
