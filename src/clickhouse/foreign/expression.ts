/** Expressions, and types, of another site: read token by token, and written anew from what is known to be harmless. */
import { identifier } from "../sql/quoting.ts";
import { type Callable, mayCall } from "./functions.ts";
import { dataType } from "./data_type.ts";
import { TokenReader } from "./reader.ts";
import { Untaken } from "./tokens.ts";

const OPERATORS = ["+", "-", "*", "/", "%", "||", "=", "==", "!=", "<>", "<", "<=", ">", ">="];
const WORD_OPERATORS = [["AND"], ["OR"], ["LIKE"], ["ILIKE"], ["NOT", "LIKE"], ["NOT", "ILIKE"], ["DIV"], [
  "MOD",
]];
const MEMBERSHIP = /^(?:in|notIn)$/;
const UNITS = /^(?:NANO|MICRO|MILLI)?SECOND$|^(?:MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)$/i;

/**
 * The same expression, written anew. Order and brackets stay, so that it is the same to the server; every name is
 * quoted, and a function is called only if it may be. There are no subqueries, no names of tables, no settings.
 *
 * @throws {Untaken} what of it is not taken over
 */
export function takeExpression(text: string, where: Callable): string {
  const reader = new TokenReader(text);
  const taken = expression(reader, where);
  reader.end();
  return taken;
}

/** Operands with operators between them, as they stand: which binds stronger is for the server to know. */
export function expression(reader: TokenReader, where: Callable): string {
  let taken = operand(reader, where);
  for (;;) {
    const symbol = OPERATORS.find((text) => reader.take(text));
    const words = symbol === undefined ? WORD_OPERATORS.find((words) => reader.take(...words)) : [symbol];
    if (words) taken += ` ${words.join(" ")} ${operand(reader, where)}`;
    else if (reader.take("IS", "NOT", "NULL")) taken += " IS NOT NULL";
    else if (reader.take("IS", "NULL")) taken += " IS NULL";
    else if (reader.take("BETWEEN")) taken += ` BETWEEN ${operand(reader, where)}`;
    else if (reader.take("NOT", "BETWEEN")) taken += ` NOT BETWEEN ${operand(reader, where)}`;
    else if (reader.take("IN")) taken += ` IN ${values(reader)}`;
    else if (reader.take("NOT", "IN")) taken += ` NOT IN ${values(reader)}`;
    else return taken;
  }
}

function operand(reader: TokenReader, where: Callable): string {
  return reader.deeper(() => operandHere(reader, where));
}

function operandHere(reader: TokenReader, where: Callable): string {
  if (reader.take("NOT")) return `NOT ${operand(reader, where)}`;
  if (reader.take("-")) return `- ${operand(reader, where)}`;
  let taken = primary(reader, where);
  for (;;) {
    if (reader.comes("[")) taken += `[${reader.inside("[", "]", () => expression(reader, where))}]`;
    else if (reader.take(".")) {
      taken += `.${reader.kind === "number" ? reader.read("number").text : reader.name()}`;
    } else if (reader.take("::")) taken += `::${dataType(reader)}`;
    else return taken;
  }
}

function primary(reader: TokenReader, where: Callable): string {
  if (reader.kind === "string" || reader.kind === "number") return reader.read("string", "number").text;
  if (reader.comes("[")) return `[${reader.inside("[", "]", () => arguments_(reader, where, "]"))}]`;
  if (reader.comes("(")) {
    return lambda(
      reader,
      where,
      `(${reader.inside("(", ")", () => arguments_(reader, where, ")"))})`,
    );
  }
  if (reader.take("NULL")) return "NULL";
  if (reader.take("TRUE")) return "true";
  if (reader.take("FALSE")) return "false";
  if (reader.take("INTERVAL")) return `INTERVAL ${operand(reader, where)} ${unit(reader)}`;
  if (reader.take("CASE")) return choice(reader, where);
  if (reader.comes("CAST") && reader.comes("(", 1)) return conversion(reader, where);
  const { kind, text } = reader.read("word", "name");
  if (!reader.comes("(")) return lambda(reader, where, identifier(text));
  if (kind === "word" && MEMBERSHIP.test(text)) return membership(reader, where, text);
  if (kind !== "word" || !mayCall(text, where)) throw new Untaken(`the function ${text.slice(0, 60)}()`);
  const call = () => `(${reader.inside("(", ")", () => arguments_(reader, where, ")"))})`;
  const first = call();
  return reader.comes("(") ? `${text}${first}${call()}` : `${text}${first}`;
}

function arguments_(reader: TokenReader, where: Callable, close: string): string {
  if (reader.comes(close)) return "";
  if (reader.take("DISTINCT")) return `DISTINCT ${arguments_(reader, where, close)}`;
  // A sorting key may have an order behind its elements; the server refuses one elsewhere.
  const order = () => reader.take("DESC") ? " DESC" : reader.take("ASC") ? " ASC" : "";
  return reader.list(() => `${expression(reader, where)}${order()}`);
}

/** `x -> …` and `(x, y) -> …`, where an arrow follows. */
function lambda(reader: TokenReader, where: Callable, taken: string): string {
  return reader.take("->") ? `${taken} -> ${expression(reader, where)}` : taken;
}

/** `in(x, (1, 2))`, as servers from 26.3 on print what was written so. */
function membership(reader: TokenReader, where: Callable, name: string): string {
  return `${name}(${
    reader.inside("(", ")", () => {
      const value = expression(reader, where);
      reader.expect(",");
      return `${value}, ${values(reader)}`;
    })
  })`;
}

/** On the right of IN only values: a name there would be a table. */
export function values(reader: TokenReader): string {
  const value = (): string => {
    if (reader.comes("(")) return `(${reader.inside("(", ")", () => reader.list(value))})`;
    if (reader.comes("[")) return `[${reader.inside("[", "]", () => reader.list(value))}]`;
    if (reader.take("NULL")) return "NULL";
    if (reader.take("TRUE")) return "true";
    if (reader.take("FALSE")) return "false";
    const sign = reader.take("-") ? "-" : "";
    return sign + reader.read("string", "number").text;
  };
  if (!reader.comes("(") && !reader.comes("[")) throw reader.unexpected();
  return value();
}

function unit(reader: TokenReader): string {
  const { text } = reader.read("word");
  if (!UNITS.test(text)) throw new Untaken(`the unit ${text.slice(0, 60)}`);
  return text;
}

function choice(reader: TokenReader, where: Callable): string {
  let taken = "CASE";
  if (!reader.comes("WHEN")) taken += ` ${expression(reader, where)}`;
  while (reader.take("WHEN")) {
    taken += ` WHEN ${expression(reader, where)}`;
    reader.expect("THEN");
    taken += ` THEN ${expression(reader, where)}`;
  }
  if (reader.take("ELSE")) taken += ` ELSE ${expression(reader, where)}`;
  reader.expect("END");
  return `${taken} END`;
}

/** `CAST(x, 'T')`, or `CAST(x AS T)`, as older servers print it. */
function conversion(reader: TokenReader, where: Callable): string {
  reader.expect("CAST");
  return `CAST(${
    reader.inside("(", ")", () => {
      const value = expression(reader, where);
      if (reader.take("AS")) return `${value} AS ${dataType(reader)}`;
      reader.expect(",");
      return `${value}, ${expression(reader, where)}`;
    })
  })`;
}
