/** Checks the form of answers: a server, or whoever answers in its place, may say anything. */
import { SiteError } from "./errors.ts";

/** An answer of the wrong form; the message goes into brackets for an operator. */
class MalformedAnswer extends TypeError {}

type Kind = "text" | "number" | "texts" | "columns";

/**
 * The row, if each of these fields is of its kind.
 *
 * @throws {TypeError}
 */
export function rowOf<Row extends object>(row: Row, kinds: Readonly<Record<keyof Row, Kind>>): Row {
  for (const [field, kind] of Object.entries<Kind>(kinds)) {
    const value: unknown = Reflect.get(Object(row), field);
    if (!IS[kind](value)) throw new MalformedAnswer(`${field} is no ${kind}`);
  }
  return row;
}

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => /^-?\d{1,20}$/.test(String(value)) && !Array.isArray(value);
const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: isText,
  number: isNumber,
  texts: (value) =>
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText)),
  columns: (value) =>
    Array.isArray(value) &&
    value.every((column) =>
      Array.isArray(column) && column.length === 6 && column.slice(0, 4).every(isText) &&
      column.slice(4).every(isNumber)
    ),
};

/** @throws {TypeError} if it is no text */
export function text(value: unknown): string {
  if (typeof value !== "string") throw new MalformedAnswer(`${shown(value)} is no text`);
  return value;
}

/** @throws {TypeError} if it is no whole number that can be counted with */
export function wholeNumber(value: unknown): number {
  const number = isNumber(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number)) throw new MalformedAnswer(`${shown(value)} is no whole number`);
  return number;
}

/** A number of up to 64 bits, as the text that it came in. @throws {TypeError} if it is none */
export function digits(value: unknown): string {
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) {
    throw new MalformedAnswer(`${shown(value)} is no whole number`);
  }
  return value;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 40);
}

/**
 * Decodes an answer.
 *
 * @throws {SiteError} if it is not of the form that ClickHouse gives it
 */
export function decoded<T>(site: "local" | "remote", decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError)) {
      throw error;
    }
    const what = error instanceof MalformedAnswer ? ` (${error.message})` : "";
    throw new SiteError(
      site,
      null,
      `an answer was not of the form that ClickHouse gives it${what}: look at what stands before the server, and at its ` +
        "version",
    );
  }
}
