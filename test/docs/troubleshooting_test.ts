/** Every line that warns or fails has its remedy in docs/troubleshooting.md, and that page names none that is not said. */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

function sources(folder = new URL("src/", ROOT)): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? sources(new URL(`${name}/`, folder))
      : name.endsWith(".ts")
      ? [Deno.readTextFileSync(new URL(name, folder))]
      : []
  );
}

/** What a program says when it warns or gives up: calls whose first text is for an operator. */
const SAYS =
  /(?:log\.(?:warn|error)\("\{text\}", \{\s*text:|observer\.warn\(|warnOnce\(|onProblem\(|throw new (?:Error|Disproof|StateError|SiteError|UnknownTables)\(|fail\(|new StateError\()/g;

/** The longest fixed piece of the texts that follow each such call. */
function messages(source: string): string[] {
  return [...source.matchAll(SAYS)].flatMap(({ index, 0: call }) => {
    const rest = source.slice(index + call.length, index + call.length + 600);
    const statement = rest.slice(0, rest.search(/\);\n|\}\);|;\n/) + 1 || rest.length);
    const texts = [...statement.matchAll(/`((?:[^`\\]|\\.)*)`|"((?:[^"\\]|\\.)*)"/g)].map(([, a, b]) =>
      a ?? b ?? ""
    );
    const pieces = texts.flatMap((text) => text.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/)).map((piece) =>
      piece.trim()
    );
    const [longest = ""] = pieces.toSorted((a, b) => b.length - a.length);
    return longest.length >= 15 ? [longest] : [];
  });
}

const normal = (text: string) => text.replace(/[`*\\]/g, "").replace(/\s+/g, " ");
const PAGE = Deno.readTextFileSync(new URL("docs/troubleshooting.md", ROOT));
const page = normal(PAGE);
const code = normal(sources().join("\n").replace(/` \+\s*`|" \+\s*"|` \+\s*"|" \+\s*`/g, ""));

Deno.test("every line that warns or fails is in docs/troubleshooting.md, or says itself what to do", () => {
  const said = new Set(sources().flatMap(messages));
  assert.ok(said.size > 30, `only ${said.size} were found`);
  // A sentence that tells the remedy needs no table.
  const advises =
    /; |: (?:check|set|free|find|fix|give|mend|remove|name|make|look)|by hand|check its owner|the next check/;
  const known = (piece: string) => {
    const words = normal(piece).split(" ");
    const runs = words.map((_, at) => words.slice(at, at + 4).join(" ")).filter((run) => run.length >= 12);
    return runs.some((run) => page.includes(run));
  };
  const unknown = [...said].filter((piece) => !advises.test(piece) && !known(piece));
  assert.deepEqual(unknown, []);
});

Deno.test("every line in docs/troubleshooting.md is one that ch-sync can say", () => {
  const table = PAGE.split("## By log line")[1]!.split(
    "\n## ",
  )[0]!;
  const lines = table.split("\n").filter((row) => row.startsWith("| `")).map((row) => row.split(" | ")[0]!);
  assert.ok(lines.length > 40);
  const stale = lines.filter((line) => {
    if (line.includes("REASON")) return false; // stands for all findings
    const words = [...line.matchAll(/`([^`]*)`/g)].flatMap(([, text]) => normal(text!).split(" "));
    const runs = words.map((_, at) => words.slice(at, at + 2).join(" ")).filter((run) =>
      /^[a-z]+ [a-z]+/i.test(run)
    );
    return runs.length > 0 && !runs.some((run) => code.includes(run.replace(/[,;:)]+$/, "")));
  });
  assert.deepEqual(stale, []);
});
