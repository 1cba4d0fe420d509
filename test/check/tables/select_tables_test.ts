import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { Catalog, Table, TableId } from "../../../src/model/table.ts";
import { tableName } from "../../../src/model/table.ts";
import {
  idlePatterns,
  isWanted,
  selectTables,
  unknownTables,
} from "../../../src/check/tables/select_tables.ts";
import { table } from "../../support/data/tables.ts";

function catalog(tables: readonly Table[], views: readonly { id: TableId; target: TableId }[] = []): Catalog {
  return {
    tables: new Map(tables.map((table) => [tableName(table.id), table])),
    views: new Map(
      views.map((view) => [tableName(view.id), { ...view, refreshable: false, createQuery: "", select: "" }]),
    ),
    others: new Map(),
    readAs: new Map(),
    ambiguous: new Set(),
    databases: new Map([["d", "Atomic"]]),
  };
}

const id = (name: string) => ({ database: "d", name });
const named = (...names: string[]) => names.map((name) => table(`d.${name}`, { id: id(name) }));
/** The view `d.v` and the inner table that holds its rows. */
const withView = (uuid: string): [Table[], { id: TableId; target: TableId }[]] => [
  named(`.inner_id.${uuid}`),
  [{ id: id("v"), target: id(`.inner_id.${uuid}`) }],
];

Deno.test("selectTables() pairs what both sites hold and calls new what only the active one does", () => {
  const { pairs, newTables } = selectTables(
    catalog(named("a", "here")),
    catalog(named("a", "there")),
    [],
    null,
  );
  assert.deepEqual([...pairs.keys()], ["d.a"]);
  assert.deepEqual(newTables.map(({ id }) => id.name), ["there"]);
});

Deno.test("selectTables() says which table is here and which at the active site", () => {
  const [here, there] = [table("d.a", { uuid: "here" }), table("d.a", { uuid: "there" })];
  const pair = selectTables(catalog([here]), catalog([there]), [], null).pairs.get("d.a")!;
  assert.deepEqual([pair.name, pair.here.uuid, pair.there.uuid], ["d.a", "here", "there"]);
});

Deno.test("selectTables() never selects a staging table or an excluded one", () => {
  const tables = named("a", "_chsync_dr_0123_1", "tmp_x");
  const excluded = ["*.tmp_*"];
  for (const here of [catalog(tables), catalog([])]) {
    const { pairs, newTables } = selectTables(here, catalog(tables), excluded, null);
    assert.deepEqual([...pairs.keys(), ...newTables.map((table) => tableName(table.id))], ["d.a"]);
  }
});

Deno.test("selectTables() pairs the inner tables of a view, whose UUIDs differ, by the view's name", () => {
  const { pairs, newTables } = selectTables(
    catalog(...withView("1111")),
    catalog(...withView("2222")),
    [],
    null,
  );
  assert.deepEqual(newTables, []);
  const [pair] = pairs.values();
  assert.deepEqual(
    [pair!.name, pair!.here.id.name, pair!.there.id.name],
    ["d..inner_id.1111", ".inner_id.1111", ".inner_id.2222"],
  );
});

Deno.test("selectTables() does not call the inner table of a view that is missing here a new table", () => {
  const { pairs, newTables, unpairedInner } = selectTables(
    catalog([]),
    catalog(...withView("2222")),
    [],
    null,
  );
  assert.deepEqual([pairs.size, newTables, unpairedInner.map(({ owner }) => owner)], [0, [], ["d.v"]]);
});

Deno.test("selectTables() finds the owner of an inner table by its UUID or its name, and pairs its parts", () => {
  const uuid = (digit: number) => `${digit}`.repeat(8) + "-0000-0000-0000-000000000000";
  const site = (inner: string[], name: string, engine: string, own: string): Catalog => ({
    ...catalog(named(...inner)),
    others: new Map([[`d.${name}`, {
      id: id(name),
      uuid: own,
      engine,
      feeds: [],
      writesTo: [],
      cluster: null,
      keepsFor: null,
    }]]),
  });
  const parts = (part: string, mark: string, prefix = ".inner_id") => [`${prefix}.${part}.${mark}`];
  const [one, two] = [uuid(1), uuid(2)];
  // Of two versions, and of a database without UUIDs.
  const here = site([...parts("data", one), ...parts("tags", one)], "t.s", "TimeSeries", one);
  const there = site(
    [...parts("samples", "t.s", ".inner"), ...parts("tags", "t.s", ".inner")],
    "t.s",
    "TimeSeries",
    uuid(0),
  );
  const { pairs, newTables, unpairedInner } = selectTables(here, there, [], null);
  assert.deepEqual([...pairs.values()].map(({ name, there }) => [name, there.id.name]), [
    [`d..inner_id.data.${one}`, ".inner.samples.t.s"],
    [`d..inner_id.tags.${one}`, ".inner.tags.t.s"],
  ]);
  assert.deepEqual([newTables, unpairedInner], [[], []]);

  const nested = (mark: string) => site([`${mark}_nested`], "pg", "MaterializedPostgreSQL", mark);
  const refused = selectTables(nested(one), nested(two), [], null);
  assert.deepEqual([refused.pairs.size, refused.newTables, refused.onlyHere], [0, [], []]);
  assert.deepEqual(refused.notCompared.map(({ owner }) => owner?.owner), ["d.pg"]);
  // Only the UUID of something that is there makes it one.
  const plain = catalog(named(`${one}_nested`));
  assert.deepEqual([...selectTables(plain, plain, [], null).pairs.keys()], [`d.${one}_nested`]);
});

Deno.test("selectTables() passes over tables that a refresh is filling", () => {
  const both = catalog(named("a", ".tmp.inner_id.2222"));
  assert.deepEqual([...selectTables(both, both, [], null).pairs.keys()], ["d.a"]);
  assert.deepEqual(selectTables(catalog(named("a")), both, [], null).newTables, []);
});

Deno.test("selectTables() excludes the inner table of a view, and the view, by the view's name", () => {
  const [here, there] = [catalog(...withView("1111")), catalog(...withView("2222"))];
  assert.equal(selectTables(here, there, ["d.v"], null).pairs.size, 0);
  assert.deepEqual(selectTables(catalog([]), there, ["d.v"], null).unpairedInner, []);
});

Deno.test("selectTables() limits a check to the tables that are named, a view standing for its inner table", () => {
  const [inner, views] = withView("1111");
  const both = catalog([...named("a", "b"), ...inner], views);
  const only = (...names: string[]) => [...selectTables(both, both, [], new Set(names)).pairs.keys()];
  assert.deepEqual(only("d.b"), ["d.b"]);
  assert.deepEqual(only("d.v"), ["d..inner_id.1111"]);
  assert.deepEqual(only("d..inner_id.1111"), ["d..inner_id.1111"]);
  assert.deepEqual(only("d.c"), []);
});

Deno.test("selectTables() finds an inner table by the name that it has at either site", () => {
  const [here, there] = [catalog(...withView("1111")), catalog(...withView("2222"))];
  for (const name of ["d.v", "d..inner_id.1111", "d..inner_id.2222", "d.*"]) {
    assert.equal(selectTables(here, there, [], new Set([name])).pairs.size, 1, name);
    assert.equal(selectTables(here, there, [], new Set(["d.*", `!${name}`])).pairs.size, 0, name);
  }
});

Deno.test("isWanted() takes patterns, and leaves out what begins with an exclamation mark", () => {
  const wanted = (name: string, ...patterns: string[]) => isWanted([name], new Set(patterns));
  assert.ok(isWanted(["d.a"], null));
  assert.ok(wanted("d.a", "d.?") && wanted("d.a", "x.y", "*.a") && wanted("d.a", "!d.b"));
  assert.ok(!wanted("d.a", "d.b") && !wanted("d.a", "d.*", "!*.a") && !wanted("d.ab", "d.?"));
  // An exclamation mark leaves out, wherever it stands in the list.
  assert.ok(!wanted("d.a", "!d.a", "d.a"));
});

Deno.test("idlePatterns() names what fits no table of either site, nor the owner of one", () => {
  const [inner, views] = withView("1111");
  const [here, there] = [catalog([...named("a"), ...inner], views), catalog(named("b"))];
  assert.deepEqual(idlePatterns(["d.a", "d.?", "!d.b", "d.v", "d.c", "!x.*"], here, there), ["d.c", "!x.*"]);
});

Deno.test("selectTables() pairs a TO table by its own name, like any other", () => {
  const views = [{ id: id("v"), target: id("target") }];
  const { pairs } = selectTables(catalog(named("target"), views), catalog(named("target"), views), [], null);
  assert.deepEqual([...pairs.keys()], ["d.target"]);
});

Deno.test("every table of the active site is paired, new, or left out, and never two of these", () => {
  const names = fc.uniqueArray(fc.constantFrom<string[]>("a", "b", "tmp_c", "_chsync_d", "e.f", "g h", "ü"));
  fc.assert(fc.property(names, names, (namesHere, namesThere) => {
    const { pairs, newTables } = selectTables(
      catalog(named(...namesHere)),
      catalog(named(...namesThere)),
      ["d.tmp_*"],
      null,
    );
    const wanted = namesThere.filter((name) => !/^(tmp_|_chsync_)/.test(name)).map((name) => `d.${name}`);
    assert.deepEqual([...pairs.keys()], wanted.filter((name) => namesHere.includes(name.slice(2))));
    assert.deepEqual(
      newTables.map((table) => tableName(table.id)),
      wanted.filter((name) => !namesHere.includes(name.slice(2))),
    );
  }));
});

Deno.test("unknownTables() names what neither site holds", () => {
  const [here, there] = [catalog(named("a")), catalog(named("b"))];
  assert.deepEqual(unknownTables(["d.a", "d.b", "d.c", "a"], here, there), ["d.c", "a"]);
});
