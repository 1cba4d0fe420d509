/** Whether two servers mean the same by what their versions print of a definition in different ways. */
import type { Column } from "../../model/table.ts";
import { normalForm, normalKey } from "./normal_form.ts";

export function sameExpression(a: string, b: string): boolean {
  return a === b || normalForm(a) === normalForm(b);
}

export function sameKey(a: string, b: string): boolean {
  return a === b || normalKey(a) === normalKey(b);
}

/** Whether the same row is made where these columns are not given: of the same type, with the same default. */
export function sameColumn(a: Column, b: Column): boolean {
  return a.type === b.type && a.defaultKind === b.defaultKind &&
    (sameExpression(a.defaultExpression, b.defaultExpression) ||
      (plain(a) !== null && plain(a) === plain(b)));
}

/** A whole number that is the same whether it is written as one or as a text (`0` and `'0'`); null: it is none. */
function plain({ type, defaultExpression }: Column): string | null {
  const bare = type.replace(/^LowCardinality\((.*)\)$/, "$1").replace(/^Nullable\((.*)\)$/, "$1");
  const bits = /^U?Int(\d+)$/.exec(bare)?.[1];
  if (bits === undefined && bare !== "String") return null;
  const [, sign = "", digits] = /^('?)(-?)(\d+)\1$/.exec(defaultExpression)?.slice(1) ?? [];
  if (digits === undefined || (digits.startsWith("0") && digits !== "0")) return null;
  const fits = digits.length <= (DIGITS.get(bits) ?? 9);
  return fits && !(sign !== "" && bare.startsWith("U")) ? sign + digits : null;
}

/** What every type of so many bits holds; 9 in the others. */
const DIGITS: ReadonlyMap<string | undefined, number> = new Map([["8", 2], ["16", 4]]);

/** Of a list of settings: `a = 1, b = 'c'`, in any order; none (null) is an empty one. */
export function sameSettings(a: string | null, b: string | null): boolean {
  return settings(a) === settings(b);
}

/** Those that only allow a table to be created as it is (`allow_…`) make nothing else of its rows. */
function settings(list: string | null): string {
  const form = normalForm(list ?? "").split(/, (?=equals\()/).filter(Boolean);
  return form.filter((one) => !one.startsWith("equals(allow_"))
    .map((one) =>
      one.replace(
        /, (?:'([\w.-]*)'|(true|false)|negate\((\d+)\))\)$/,
        (_, text, bool, negative) => `, ${text ?? (bool ? Number(bool === "true") : `-${negative}`)})`,
      )
    )
    .sort().join(", ");
}
