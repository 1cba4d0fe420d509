/** Which rules of expiry both servers are asked to apply. */
import type { EarlyRule, UntakenRule, WrittenRule } from "../../model/expiry_rule.ts";
import type { DeleteTtl } from "../../model/scope.ts";
import type { Table, TablePair } from "../../model/table.ts";
import { normalForm } from "./normal_form.ts";

/**
 * The pair with its rules. Only what the active site's own rules take, or may take at any moment, is no difference. Rules that
 * this site alone has are named: what they take here the active site may still hold.
 *
 * What one site wrote becomes part of a statement at the other one only if that wrote the very same, or if it was written
 * anew; the rest is left out, and named.
 */
export function pairTables(name: string, here: Table, there: Table): TablePair {
  const deletes = share("TTL", here.rules.deletes, there.rules.deletes);
  const groups = share("TTL", here.rules.groups, there.rules.groups);
  const names = new Set([...here.rules.columns.keys(), ...there.rules.columns.keys()]);
  const columns = new Map([...names].map((column) => {
    const rulesOf = ({ rules }: Table) => rules.columns.get(column) ?? [];
    return [column, share(`TTL of column ${column}`, rulesOf(here), rulesOf(there))];
  }));
  const withRules = (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) => {
      const rules = columns.get(column.name)?.there.map(({ expression }) => expression) ?? [];
      return { ...column, expiry: { ...column.expiry, rules } };
    }),
  });
  const early = (rules: SharedRules): EarlyRule[] =>
    rules.onlyHere.map((takes) => ({ rule: rules.rule, takes, unless: [...deletes.there, ...rules.there] }));
  return {
    name,
    here: withRules(here),
    there: withRules(there),
    deletes: deletes.there,
    groups: [...groups.there, ...groups.onlyHere],
    early: [deletes, ...columns.values()].flatMap(early),
    untaken: [deletes, groups, ...columns.values()].flatMap(({ untaken }) => untaken),
    ttlStatement: null,
  };
}

interface SharedRules {
  /** As in `UntakenRule`. */
  readonly rule: string;
  /** Of the active site, whoever else has them. */
  readonly there: readonly DeleteTtl[];
  readonly onlyHere: readonly DeleteTtl[];
  readonly untaken: readonly UntakenRule[];
}

function share(rule: string, here: readonly WrittenRule[], there: readonly WrittenRule[]): SharedRules {
  const untaken: UntakenRule[] = [];
  const written = (rules: readonly WrittenRule[]) => new Set(rules.map(({ written }) => verbatim(written)));
  const [writtenHere, writtenThere] = [written(here), written(there)];
  const sharedBy = (site: UntakenRule["site"], rules: readonly WrittenRule[]) => {
    const shared = new Map<string, DeleteTtl>();
    for (const { written, plain, untaken: holds } of rules) {
      const both = writtenHere.has(verbatim(written)) && writtenThere.has(verbatim(written));
      const one = plain ?? (both ? written : null);
      if (one) shared.set(key(one), one);
      else untaken.push({ site, rule, holds: holds ?? "" });
    }
    return shared;
  };
  const [rulesHere, rulesThere] = [sharedBy("here", here), sharedBy("there", there)];
  const onlyHere = [...rulesHere].filter(([key]) => !rulesThere.has(key)).map(([, one]) => one);
  return { rule, there: [...rulesThere.values()], onlyHere, untaken };
}

function verbatim({ expression, where }: DeleteTtl): string {
  return JSON.stringify([expression, where]);
}

function key({ expression, where }: DeleteTtl): string {
  return JSON.stringify([normalForm(expression), where === null ? null : normalForm(where)]);
}
