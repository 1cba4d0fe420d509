/** Which rules of expiry both servers are asked to apply. */
import type { UntakenRule, WrittenRule } from "../../model/expiry_rule.ts";
import type { DeleteTtl } from "../../model/scope.ts";
import type { Table, TablePair } from "../../model/table.ts";

/**
 * The pair with its rules: what either site may expire at any moment is no difference. What one site wrote becomes part
 * of a statement at the other one only if that wrote the very same, or if it was written anew; the rest is left out, and named.
 */
export function pairTables(name: string, here: Table, there: Table): TablePair {
  const [deletes, groups] = [
    share("TTL", here.rules.deletes, there.rules.deletes),
    share("TTL", here.rules.groups, there.rules.groups),
  ];
  const names = new Set([...here.rules.columns.keys(), ...there.rules.columns.keys()]);
  const columns = new Map([...names].map((column) => {
    const rulesOf = ({ rules }: Table) => rules.columns.get(column) ?? [];
    return [column, share(`TTL of column ${column}`, rulesOf(here), rulesOf(there))];
  }));
  const withRules = (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) => {
      const rules = columns.get(column.name)?.rules.map(({ expression }) => expression) ?? [];
      return { ...column, expiry: { ...column.expiry, rules } };
    }),
  });
  return {
    name,
    here: withRules(here),
    there: withRules(there),
    deletes: deletes.rules,
    groups: groups.rules,
    untaken: [deletes, groups, ...columns.values()].flatMap(({ untaken }) => untaken),
  };
}

interface SharedRules {
  readonly rules: readonly DeleteTtl[];
  readonly untaken: readonly UntakenRule[];
}

function share(rule: string, here: readonly WrittenRule[], there: readonly WrittenRule[]): SharedRules {
  const rules = new Map<string, DeleteTtl>();
  const untaken: UntakenRule[] = [];
  const [writtenHere, writtenThere] = [here, there].map((some) =>
    new Set(some.map(({ written }) => key(written)))
  );
  const add = (site: UntakenRule["site"], { written, plain, untaken: holds }: WrittenRule) => {
    const both = writtenHere!.has(key(written)) && writtenThere!.has(key(written));
    const shared = plain ?? (both ? written : null);
    if (shared) rules.set(key(shared), shared);
    else untaken.push({ site, rule, holds: holds ?? "" });
  };
  for (const one of here) add("here", one);
  for (const one of there) add("there", one);
  return { rules: [...rules.values()], untaken };
}

function key({ expression, where }: DeleteTtl): string {
  return JSON.stringify([expression, where]);
}
