/** What the pages hold to: links and names lead somewhere, lists are complete, each page opens with its question. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;
const PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ...names("docs", ".md")];

function names(folder: string, end: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${folder}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? names(`${folder}/${name}`, end) : name.endsWith(end) ? [`${folder}/${name}`] : []
  );
}

const read = (path: string) => Deno.readTextFileSync(`${ROOT}${path}`);

/** Without blocks of code, fenced or indented, in which nothing is a link or a heading. */
const prose = (page: string) =>
  read(page).replace(/^( *)```[^]*?^\1```/gm, "").replace(/^ {4,}(?![-*\d]).*$/gm, "");

/** What a link may name behind `#`: headings as GitHub turns them into anchors, and anchors that are set. */
function anchors(page: string): ReadonlySet<string> {
  const headings = [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
  const set = [...prose(page).matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id!);
  return new Set([...headings, ...set]);
}

/** Links within the repository, as `path` and `anchor`. */
function links(page: string): { readonly path: string; readonly anchor: string }[] {
  const targets = [...prose(page).matchAll(/\]\(\s*([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g)].map(([, a, b]) =>
    a ?? b!
  );
  return targets.filter((target) => !/^\w+:/.test(target)).map((target) => {
    const [path = "", anchor = ""] = target.split("#");
    return { path: path === "" ? page : join(dirname(page), path), anchor };
  });
}

/** What is wrong with a link; null: nothing. */
function broken({ path, anchor }: { readonly path: string; readonly anchor: string }): string | null {
  try {
    Deno.statSync(`${ROOT}${path}`);
  } catch {
    return `there is no ${path}`;
  }
  return anchor === "" || anchors(path).has(anchor) ? null : `${path} has no #${anchor}`;
}

Deno.test("every link and anchor of a page leads somewhere", () => {
  const all = PAGES.flatMap((page) => links(page).map((link) => [page, broken(link)] as const));
  assert.ok(all.length > 100, `only ${all.length} links were found`);
  assert.deepEqual(all.filter(([, wrong]) => wrong !== null), []);
});

Deno.test("every page that code, scripts and units name is there, with its anchor", () => {
  const sources = ["src", "scripts", "test"].flatMap((folder) =>
    [".ts", ".sh", ".sql"].flatMap((end) => names(folder, end))
  );
  const named = [...sources, "ch-sync.service", ".env.primary", ".env.dr"].flatMap((file) =>
    [...read(file).matchAll(/\bdocs\/([a-z_-]+)\.md(?:#([a-z-]+))?/g)].map(([, name, anchor = ""]) =>
      [file, { path: `docs/${name}.md`, anchor }] as const
    )
  ).filter(([file]) => file !== "test/scripts/release_test.ts"); // makes pages that are none
  assert.ok(named.length > 10, `only ${named.length} were found`);
  assert.deepEqual(
    named.map(([file, page]) => [file, broken(page)]).filter(([, wrong]) => wrong !== null),
    [],
  );
});

Deno.test("every file of the repository that a page names is there", () => {
  const named = PAGES.filter((page) => page !== "CHANGELOG.md").flatMap((page) =>
    [...read(page).matchAll(/`((?:src|test|scripts|docs)\/[\w/.-]+)`/g)].map(([, path]) =>
      [page, path!] as const
    )
  );
  assert.ok(named.length > 50, `only ${named.length} were found`);
  assert.deepEqual(named.filter(([, path]) => broken({ path, anchor: "" }) !== null), []);
});

Deno.test("CONTRIBUTING.md has every task", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  const page = read("CONTRIBUTING.md");
  assert.deepEqual(Object.keys(tasks).filter((task) => !page.includes(`\`${task}\``)), []);
});

Deno.test("README.md gives the reason of every package, and is short", () => {
  const { imports } = JSON.parse(read("deno.json"));
  const page = read("README.md");
  assert.deepEqual(
    Object.keys(imports).filter((name) =>
      !page.includes(`| \`${name}\``) && !page.includes(`, \`${name}\` |`)
    ),
    [],
  );
  assert.ok(page.split("\n").length <= 200);
});

Deno.test("each page opens with the question under which docs/README.md lists it", () => {
  const rows = [...read("docs/README.md").matchAll(/^\| \[[^\]]+\]\(([a-z-]+\.md)\) \| (.+) \|$/gm)];
  const listed = new Map(rows.map(([, name, question]) => [`docs/${name}`, question!]));
  assert.deepEqual([...listed.keys()].sort(), PAGES.filter((page) => /^docs\/[a-z]/.test(page)).sort());
  const openings = [...listed].map((
    [page, question],
  ) => [page, read(page).split("\n")[2]!.startsWith(`*${question}*`)]);
  assert.deepEqual(openings.filter(([, opens]) => !opens), []);
});
