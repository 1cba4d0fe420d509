/** Whether every value of one type is the same value of another: the only changes of a type that are ever proposed. */
import { QUOTED_STRING } from "../../text/quoted.ts";

/**
 * - `always`: any value stays what it is.
 * - `stored`: the same of values that are stored. A part from before the column was added reads the default of its type, and
 *   that of the two types differs (0 and NULL, 1970 and 1900).
 * - null: a value may be lost, or nobody has shown that none is.
 */
export type Widening = "always" | "stored" | null;

/** @param from and `to` are types as ClickHouse prints them */
export function widening(from: string, to: string): Widening {
  const [a, b] = [plain(from), plain(to)];
  if (a === b) return "always";
  const [nullableA, nullableB] = [inside("Nullable", a), inside("Nullable", b)];
  // NULL and [] are the defaults around them, whatever is inside.
  if (nullableA !== null) return nullableB !== null && widening(nullableA, nullableB) ? "always" : null;
  if (nullableB !== null) return widening(a, nullableB) ? "stored" : null;
  const [arrayA, arrayB] = [inside("Array", a), inside("Array", b)];
  if (arrayA !== null && arrayB !== null) return widening(arrayA, arrayB) ? "always" : null;
  if (a === "Date" && b === "Date32") return "stored";
  if (holdsInteger(a, b) || holdsTime(a, b) || holdsDecimal(a, b)) return "always";
  return a === "Float32" && b === "Float64" ? "always" : holdsEnum(a, b);
}

/** Whether the server alters a column of this type within a key: only what enumerations hold may grow there. */
export function mayGrowInKey(type: string): boolean {
  return /^Enum(?:8|16)\(/.test(type);
}

/** LowCardinality is how values are kept, and no other value. */
function plain(type: string): string {
  return inside("LowCardinality", type) ?? type;
}

function inside(name: string, type: string): string | null {
  return type.startsWith(`${name}(`) && type.endsWith(")") ? type.slice(name.length + 1, -1) : null;
}

function holdsInteger(a: string, b: string): boolean {
  const [, unsignedA, bitsA] = INTEGER.exec(a) ?? [];
  const [, unsignedB, bitsB] = INTEGER.exec(b) ?? [];
  if (bitsA === undefined || bitsB === undefined || Number(bitsA) >= Number(bitsB)) return false;
  return unsignedA === unsignedB || unsignedA === "U";
}

const INTEGER = /^(U?)Int(8|16|32|64|128|256)$/;

/** A zone is how a time is shown and read: another one is not proposed. Nanoseconds end in 2262, before coarser times do. */
function holdsTime(a: string, b: string): boolean {
  const [, zoneA = ""] = /^DateTime(?:\(('[^']*')\))?$/.exec(a) ?? [];
  const [, digitsB, zoneB = ""] = DATE_TIME_64.exec(b) ?? [];
  if (digitsB === undefined) return false;
  if (/^DateTime(?:\(|$)/.test(a)) return zoneA === zoneB;
  const [, digitsA, zone = ""] = DATE_TIME_64.exec(a) ?? [];
  return digitsA !== undefined && zone === zoneB && digitsA <= digitsB && digitsB < "9";
}

const DATE_TIME_64 = /^DateTime64\((\d)(?:, ('[^']*'))?\)$/;

/** As many digits before the point, and as many behind it. */
function holdsDecimal(a: string, b: string): boolean {
  const [precisionA, scaleA] = digits(a);
  const [precisionB, scaleB] = digits(b);
  return scaleB >= scaleA && precisionB - scaleB >= precisionA - scaleA;
}

function digits(type: string): [number, number] {
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? [];
  return [Number(precision), Number(scale)];
}

/** The same names of the same numbers, and more. The smallest number is the default. */
function holdsEnum(a: string, b: string): Widening {
  const [valuesA, valuesB] = [enumValues(a), enumValues(b)];
  if (valuesA === null || valuesB === null || (a.startsWith("Enum16") && b.startsWith("Enum8"))) return null;
  for (const [name, number] of valuesA) if (valuesB.get(name) !== number) return null;
  return Math.min(...valuesA.values()) === Math.min(...valuesB.values()) ? "always" : "stored";
}

const ENUM_VALUE = new RegExp(String.raw`^(${QUOTED_STRING}) = (-?\d+)(?:, |$)`);

function enumValues(type: string): Map<string, number> | null {
  const list = inside("Enum8", type) ?? inside("Enum16", type);
  if (list === null) return null;
  const values = new Map<string, number>();
  let rest = list;
  while (rest !== "") {
    const found = ENUM_VALUE.exec(rest);
    if (!found) return null;
    values.set(found[1]!, Number(found[2]));
    rest = rest.slice(found[0].length);
  }
  return values;
}
