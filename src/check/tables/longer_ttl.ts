/** Whether the TTL of one table takes anything that another's leaves: a TTL that does is never proposed. */
import type { DeleteTtl } from "../../model/scope.ts";
import type { Table } from "../../model/table.ts";
import { normalForm } from "./normal_form.ts";
import { sameExpression } from "./same_expression.ts";

/** Whether what `rules` of the table `other` take is taken by those of `table` too, and no later. */
export function takesNoMore(other: Table, table: Table): boolean {
  if (!sameExpression(other.ttl ?? "", table.ttl ?? "") && other.rules.groups.length > 0) return false;
  const written = ({ rules: { deletes } }: Table) => deletes.map(({ written }) => written);
  return written(other).every((rule) => written(table).some((own) => covers(own, rule)));
}

/** The same of the rules by which values of columns expire. */
export function takesNoMoreValues(other: Table, table: Table): boolean {
  return [...other.rules.columns].every(([column, rules]) =>
    rules.every((rule) =>
      (table.rules.columns.get(column) ?? []).some((own) => covers(own.written, rule.written))
    )
  );
}

/** Whether `own` takes all that `rule` takes, and no later: the same, or the same time with a shorter wait. */
function covers(own: DeleteTtl, rule: DeleteTtl): boolean {
  if (own.where !== null && (rule.where === null || !sameExpression(own.where, rule.where))) return false;
  if (sameExpression(own.expression, rule.expression)) return true;
  const [a, b] = [after(own.expression), after(rule.expression)];
  return a !== null && b !== null && a.from === b.from && a.unit === b.unit && a.count <= b.count &&
    b.count * SECONDS[b.unit] <= LONGEST;
}

/** `ts + toIntervalDay(3)`, in the form of all versions. */
function after(expression: string): { from: string; unit: keyof typeof SECONDS; count: number } | null {
  const [, from, unit, count] =
    /^plus\((.+), toInterval([A-Z][a-z]+)\((\d+)\)\)$/s.exec(normalForm(expression)) ?? [];
  return from !== undefined && isUnit(unit) ? { from, unit, count: Number(count) } : null;
}

const DAY = 86_400;
const SECONDS = {
  Second: 1,
  Minute: 60,
  Hour: 3600,
  Day: DAY,
  Week: 7 * DAY,
  Month: 31 * DAY,
  Quarter: 92 * DAY,
  Year: 366 * DAY,
} as const;

function isUnit(unit: string | undefined): unit is keyof typeof SECONDS {
  return unit !== undefined && Object.hasOwn(SECONDS, unit);
}

/** 30 years: a DateTime begins anew in 2106, and what is past it has expired at once. */
const LONGEST = 30 * 366 * DAY;
