/** The rules of a TTL clause that another site wrote. */
import { codec } from "./data_type.ts";
import { expression } from "./expression.ts";
import { TokenReader } from "./reader.ts";

/** The whole clause, without the keyword, written anew. @throws {Untaken} */
export function takeTtl(text: string): string {
  const reader = new TokenReader(text);
  const taken = ttlRules(reader);
  reader.end();
  return taken;
}

/**
 * `ts + toIntervalDay(3)` with what is done then, as often as there are commas. The assignments of a `GROUP BY … SET a = sum(a),
 * b = max(b)` stand between commas too, and read like comparisons.
 */
export function ttlRules(reader: TokenReader): string {
  return reader.list(() => `${expression(reader, "aggregate")}${action(reader)}`);
}

function action(reader: TokenReader): string {
  if (reader.take("TO", "DISK")) return ` TO DISK ${ifExists(reader)}${reader.read("string").text}`;
  if (reader.take("TO", "VOLUME")) return ` TO VOLUME ${ifExists(reader)}${reader.read("string").text}`;
  if (reader.take("RECOMPRESS")) return ` RECOMPRESS ${codec(reader)}`;
  const deletes = reader.take("DELETE") ? " DELETE" : "";
  const where = reader.take("WHERE") ? ` WHERE ${expression(reader, "steady")}` : "";
  if (!reader.take("GROUP", "BY")) return deletes + where;
  const keys = reader.list(() => expression(reader, "steady"));
  const first = reader.take("SET") ? ` SET ${expression(reader, "aggregate")}` : "";
  return `${where} GROUP BY ${keys}${first}`;
}

function ifExists(reader: TokenReader): string {
  return reader.take("IF", "EXISTS") ? "IF EXISTS " : "";
}
