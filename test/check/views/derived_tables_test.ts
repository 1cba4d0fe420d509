import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { Catalog, MaterializedView, OtherTable, Table } from "../../../src/model/table.ts";
import { tableName } from "../../../src/model/table.ts";
import {
  derivedTables,
  fedThereOnly,
  joinPartners,
  type Sources,
  sourcesFirst,
  viewSources,
  withoutCircles,
} from "../../../src/check/views/derived_tables.ts";
import { table } from "../../support/data/tables.ts";

const id = (name: string) => ({ database: "d", name });

function catalog(tables: Table[], views: MaterializedView[]): Catalog {
  return {
    tables: new Map(tables.map((table) => [tableName(table.id), table])),
    views: new Map(views.map((view) => [tableName(view.id), view])),
    others: new Map(),
    readAs: new Map(),
    ambiguous: new Set(),
    databases: new Map([["d", "Atomic"]]),
  };
}

function view(name: string, target: string, refreshable = false): MaterializedView {
  return { id: id(name), target: id(target), refreshable, createQuery: "", select: "" };
}

function sources(edges: readonly (readonly [from: string, to: string])[]): Sources {
  const targets = new Map<string, Set<string>>();
  for (const [from, to] of edges) targets.set(to, (targets.get(to) ?? new Set()).add(from));
  return targets;
}

/** Edges among eight tables; those of `acyclic` only lead to a later one. */
const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
const edge = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES));
const graph = fc.array(edge, { maxLength: 16 });
const acyclic = fc.tuple(graph, fc.shuffledSubarray(NAMES, { minLength: 8 })).map(([edges, order]) =>
  edges.filter(([from, to]) => order.indexOf(from) < order.indexOf(to))
);

Deno.test("viewSources() reads who fills whom, without views that refresh by schedule", () => {
  const all = catalog(
    [
      table("d.raw", { feeds: [id("v"), id("scheduled"), id("gone")] }),
      table("d.more", { feeds: [id("v"), id("other")] }),
      table("d.quiet"),
    ],
    [view("v", "rollup"), view("scheduled", "late", true), view("other", ".inner_id.1")],
  );
  assert.deepEqual(
    viewSources(all),
    new Map([["d.rollup", new Set(["d.raw", "d.more"])], ["d..inner_id.1", new Set(["d.more"])]]),
  );
});

Deno.test("joinPartners() are tables of the database that the view names, not of the same name elsewhere", () => {
  const named = (database: string, name: string) => ({ database, name });
  const reads = (select: string, database = "d") =>
    joinPartners(
      catalog(
        [
          table("d.spans", { feeds: [id("v")] }),
          ...["d.dim", "e.dim", "e.spans", "e.odd`name"].map((one) => table(one)),
        ],
        [{
          ...view("v", "rollup"),
          id: named(database, "v"),
          createQuery: `CREATE MATERIALIZED VIEW v AS ${select}`,
        }],
      ),
      new Set(["d.spans", "d.dim", "e.dim", "e.spans", "e.odd`name"]),
    ).get("d.spans") ?? new Set();
  assert.deepEqual(reads("SELECT 1 FROM d.spans"), new Set());
  assert.deepEqual(reads("SELECT 1 FROM d.spans JOIN d.dim USING id"), new Set(["d.dim"]));
  assert.deepEqual(reads("SELECT dim.x FROM d.spans JOIN dim USING id"), new Set(["d.dim"]));
  assert.deepEqual(reads("SELECT e.dim.x FROM `d`.`spans`, `e` . `dim`"), new Set(["e.dim"]));
  assert.deepEqual(reads("SELECT 1 FROM d.spans JOIN e.`odd\\`name` USING id"), new Set(["e.odd`name"]));
  // What stands in a string, or in a name, opens nothing.
  for (const odd of ["replaceAll(s, '`', '')", "extract(m, '`([^`]+)`')", "`it's`", "'it''s'", "'\\'`'"]) {
    assert.deepEqual(reads(`SELECT ${odd} FROM d.spans JOIN d.dim USING id`), new Set(["d.dim"]), odd);
  }
  assert.deepEqual(reads("SELECT joinGet('e.dim', 'x', id) FROM d.spans"), new Set(["e.dim"]));
  assert.deepEqual(
    reads("SELECT joinGet('e.`odd``name`', 'x', id), 'e.dim FROM d.spans"),
    new Set(["e.dim"]),
  );
});

Deno.test("joinPartners() are not what a view fills itself, through whatever hands its rows on", () => {
  const between: OtherTable = {
    id: id("between"),
    uuid: "",
    engine: "Buffer",
    feeds: [],
    writesTo: [id("z")],
    cluster: null,
    keepsFor: 1,
  };
  const found = joinPartners(
    {
      ...catalog(
        [table("d.a", { feeds: [id("v")] }), table("d.dim"), table("d.z")],
        [{
          ...view("v", "between"),
          createQuery: "CREATE MATERIALIZED VIEW d.v TO d.between AS SELECT 1 FROM d.a JOIN d.dim USING k",
        }],
      ),
      others: new Map([["d.between", between]]),
    },
    new Set(["d.a", "d.dim", "d.z"]),
  );
  assert.deepEqual(found, new Map([["d.a", new Set(["d.dim"])]]));
});

Deno.test("withoutCircles() leaves partners that can come first, and no two that wait for each other", () => {
  fc.assert(fc.property(graph, acyclic, (joined, filled) => {
    const [partners, filling] = [sources(joined), sources(filled)];
    const left = withoutCircles(partners, filling);
    const order = sourcesFirst(NAMES, [filling, left]);
    for (const [name, all] of left) {
      for (const one of all) assert.ok(order.indexOf(one) < order.indexOf(name), `${one} before ${name}`);
    }
  }));
  fc.assert(fc.property(acyclic, (edges) => {
    const partners = sources(edges);
    assert.deepEqual(withoutCircles(partners, new Map()), partners);
  }));
});

Deno.test("derivedTables() follows chains of views", () => {
  const chain = sources([["b", "c"], ["a", "b"], ["c", "d"]]);
  assert.deepEqual(derivedTables(chain, new Set(["a"])), new Set(["b", "c", "d"]));
});

Deno.test("derivedTables() takes a target for an ordinary table when no source of it is compared", () => {
  assert.deepEqual(derivedTables(sources([["excluded", "b"]]), new Set(["a", "b"])), new Set());
  const mixed = sources([["excluded", "b"], ["a", "b"]]);
  assert.deepEqual(derivedTables(mixed, new Set(["a", "b"])), new Set(["b"]));
});

Deno.test("derivedTables() does not take a table that a view writes back to for its own source", () => {
  assert.deepEqual(derivedTables(sources([["a", "a"]]), new Set(["a"])), new Set());
});

/** Whether a compared table other than `to` leads to it. */
function reachable(
  edges: readonly (readonly [string, string])[],
  compared: ReadonlySet<string>,
): Set<string> {
  const found = new Set<string>();
  const visit = (from: string) => {
    for (const [source, to] of edges) {
      if (source !== from || to === from || found.has(to)) continue;
      found.add(to);
      visit(to);
    }
  };
  for (const name of compared) visit(name);
  return found;
}

Deno.test("derivedTables() are those that a compared table leads to", () => {
  fc.assert(fc.property(acyclic, fc.uniqueArray(fc.constantFrom(...NAMES)), (edges, names) => {
    const compared = new Set(names);
    assert.deepEqual(
      [...derivedTables(sources(edges), compared)].sort(),
      [...reachable(edges, compared)].sort(),
    );
  }));
});

Deno.test("derivedTables() leaves at least one table of a cycle of views to be compared", () => {
  const cycle = sources([["a", "b"], ["b", "a"]]);
  const derived = derivedTables(cycle, new Set(["a", "b"]));
  assert.ok(derived.size < 2, [...derived].join());
});

Deno.test("sourcesFirst() puts every table after the ones that feed it", () => {
  fc.assert(fc.property(acyclic, fc.shuffledSubarray(NAMES), (edges, names) => {
    const ordered = sourcesFirst(names, [sources(edges)]);
    assert.deepEqual([...ordered].sort(), [...names].sort());
    for (const name of names) {
      for (const before of ancestors(name, edges)) {
        if (!names.includes(before)) continue;
        assert.ok(ordered.indexOf(before) < ordered.indexOf(name), `${before} feeds ${name}: ${ordered}`);
      }
    }
  }));
});

Deno.test("sourcesFirst() keeps every table of a cycle, once", () => {
  fc.assert(fc.property(graph, fc.shuffledSubarray(NAMES), (edges, names) => {
    assert.deepEqual(sourcesFirst(names, [sources(edges)]).sort(), [...names].sort());
  }));
});

Deno.test("sourcesFirst() goes by name where nothing feeds anything", () => {
  assert.deepEqual(sourcesFirst(["c", "a", "b"], []), ["a", "b", "c"]);
});

function ancestors(name: string, edges: readonly (readonly [string, string])[]): Set<string> {
  const found = new Set<string>();
  const visit = (to: string) => {
    for (const [from, target] of edges) {
      if (target !== to || found.has(from)) continue;
      found.add(from);
      visit(from);
    }
  };
  visit(name);
  return found;
}

Deno.test("fedThereOnly() are tables that a view fills at the active site alone, not those that a table before them does", () => {
  const fed = (edges: Parameters<typeof sources>[0], ...views: string[]) => ({
    sources: sources(edges),
    views: new Map(views.map((name) => [name, true])),
  });
  const pairs = [{ name: "d.t", here: table("d.t"), there: table("d.t") }] as unknown as Parameters<
    typeof fedThereOnly
  >[2];
  const found = (here: ReturnType<typeof fed>, there: ReturnType<typeof fed>) =>
    fedThereOnly(here, there, pairs).size;
  const handed = fed([["d.all", "d.t"]]);
  const byView = fed([["d.raw", "d.t"]], "d.t");
  const throughIt = fed([["d.all", "d.t"], ["d.raw", "d.all"]], "d.all");
  const nothing = fed([]);
  assert.equal(found(nothing, handed), 0);
  assert.equal(found(nothing, byView), 1);
  assert.equal(found(nothing, throughIt), 1);
  assert.equal(found(handed, byView), 1);
  assert.equal(found(throughIt, byView), 0);
  assert.equal(found(byView, handed), 0);
});
