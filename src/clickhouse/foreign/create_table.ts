/**
 * The definition of a table as another site gives it, read by a whole grammar to its end and written anew: what
 * `AUTO_CREATE_TABLES` runs here, and what an operator is shown to run.
 */
import type { TableId } from "../../model/table.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { codec, dataType } from "./data_type.ts";
import { expression, values } from "./expression.ts";
import { TokenReader } from "./reader.ts";
import { Untaken } from "./tokens.ts";
import { ttlRules } from "./ttl_rules.ts";

/** The rest of the statement behind the table's name, to create it under that name or another. */
export type TakenDefinition = string;

/** In what the settings of the table here are not those of the definition. */
export interface OwnSettings {
  /** Those that it gets besides, as SQL. */
  readonly more?: readonly string[];
  /** Names of those that are left out. */
  readonly without?: readonly string[];
}

export function createStatement(definition: TakenDefinition, id: TableId): string {
  return `CREATE TABLE IF NOT EXISTS ${qualified(id)} ${definition}`;
}

/**
 * @param createQuery as `system.tables.create_table_query` prints it
 * @param id of the row in which it stands: a definition of another table is not taken
 * @throws {Untaken} what of it is not taken over: anything but one plain table of a MergeTree engine. A path in Keeper or a
 *   disk of its own might be those of another table; a projection that reads a table, or a function that reads anything but
 *   its arguments, would read what it should not
 */
export function takeDefinition(
  createQuery: string,
  id: TableId,
  settings: OwnSettings = {},
): TakenDefinition {
  const reader = new TokenReader(createQuery);
  reader.expect("CREATE", "TABLE");
  const named = [reader.name(), reader.take(".") ? reader.name() : ""];
  if (named[0] !== identifier(id.database) || named[1] !== identifier(id.name)) {
    throw new Untaken("the name of another table than the one that it is given for");
  }
  if (reader.take("UUID")) reader.read("string");
  const elements = reader.inside("(", ")", () => reader.list(() => element(reader)));
  reader.expect("ENGINE", "=");
  const parts = [`(${elements})`, `ENGINE = ${engine(reader)}`];
  while (reader.kind !== null) parts.push(clause(reader, settings));
  return withSettings(parts.filter((part) => part !== ""), settings).join(" ");
}

function withSettings(parts: readonly string[], { more = [] }: OwnSettings): readonly string[] {
  if (more.length === 0) return parts;
  const at = parts.findIndex((part) => part.startsWith("SETTINGS "));
  if (at >= 0) return parts.with(at, [parts[at]!, ...more].join(", "));
  const end = parts.findIndex((part) => part.startsWith("COMMENT "));
  return parts.toSpliced(end < 0 ? parts.length : end, 0, `SETTINGS ${more.join(", ")}`);
}

function element(reader: TokenReader): string {
  if (reader.take("INDEX")) return index(reader);
  if (reader.take("PROJECTION")) return projection(reader);
  if (reader.take("CONSTRAINT")) {
    const name = reader.name();
    const kind = reader.take("ASSUME") ? "ASSUME" : "CHECK";
    if (kind === "CHECK") reader.expect("CHECK");
    return `CONSTRAINT ${name} ${kind} ${expression(reader, "default")}`;
  }
  if (reader.take("PRIMARY", "KEY")) return `PRIMARY KEY ${expression(reader, "steady")}`;
  return column(reader);
}

function index(reader: TokenReader): string {
  const [name, indexed] = [reader.name(), expression(reader, "steady")];
  reader.expect("TYPE");
  const type = indexType(reader);
  return `INDEX ${name} ${indexed} TYPE ${type}` +
    (reader.take("GRANULARITY") ? ` GRANULARITY ${reader.read("number").text}` : "");
}

/** `minmax`, `set(100)`, `text(tokenizer = ngrams(3))`: names and values, no column and no function of one. */
function indexType(reader: TokenReader): string {
  const { text } = reader.read("word");
  const value = (): string => {
    if (reader.comes("=", 1)) return `${reader.read("word").text} ${(reader.expect("="), "=")} ${value()}`;
    if (reader.kind === "string" || reader.kind === "number") return reader.read("string", "number").text;
    const name = reader.read("word").text;
    return reader.comes("(") ? `${name}${reader.comes(")", 1) ? noArguments(reader) : values(reader)}` : name;
  };
  if (!reader.comes("(")) return text;
  return `${text}(${reader.inside("(", ")", () => reader.comes(")") ? "" : reader.list(value))})`;
}

function noArguments(reader: TokenReader): string {
  return `(${reader.inside("(", ")", () => "")})`;
}

/** Reads the columns of the table itself: there is no FROM, and no bracket that begins with a SELECT. */
function projection(reader: TokenReader): string {
  const name = reader.name();
  const selected = () => {
    if (reader.take("*")) return "*";
    const value = expression(reader, "aggregate");
    return reader.take("AS") ? `${value} AS ${reader.name()}` : value;
  };
  const keys = () => expression(reader, "steady");
  const body = reader.inside("(", ")", () => {
    reader.expect("SELECT");
    let taken = `SELECT ${reader.list(selected)}`;
    if (reader.take("GROUP", "BY")) taken += ` GROUP BY ${reader.list(keys)}`;
    if (reader.take("ORDER", "BY")) taken += ` ORDER BY ${reader.list(keys)}`;
    return taken;
  });
  return `PROJECTION ${name} (${body})`;
}

function column(reader: TokenReader): string {
  let taken = reader.name();
  if (!comesDefault(reader)) taken += ` ${dataType(reader)}`;
  for (;;) {
    const kind = ["DEFAULT", "MATERIALIZED", "ALIAS"].find((word) => reader.take(word));
    if (kind !== undefined) taken += ` ${kind} ${expression(reader, "default")}`;
    else if (reader.take("EPHEMERAL")) {
      const ends = reader.comes(",") || reader.comes(")") ||
        ["COMMENT", "CODEC", "TTL"].some((word) => reader.comes(word));
      taken += ends ? " EPHEMERAL" : ` EPHEMERAL ${expression(reader, "default")}`;
    } else if (reader.take("COMMENT")) taken += ` COMMENT ${reader.read("string").text}`;
    else if (reader.comes("CODEC") || reader.comes("STATISTICS")) taken += ` ${codec(reader)}`;
    else if (reader.take("TTL")) taken += ` TTL ${expression(reader, "steady")}`;
    else if (reader.take("COLLATE")) taken += ` COLLATE ${reader.name()}`;
    else if (reader.take("SETTINGS")) {
      taken += ` SETTINGS (${reader.inside("(", ")", () => reader.list(() => setting(reader)))})`;
    } else return taken;
  }
}

function comesDefault(reader: TokenReader): boolean {
  return ["DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL"].some((word) => reader.comes(word));
}

/**
 * `ReplacingMergeTree(version)`; a replicated one without its path, so that it gets this server's default, and one of ClickHouse Cloud
 * as what it is elsewhere.
 */
function engine(reader: TokenReader): string {
  const { text: name } = reader.read("word");
  if (!/^(?:Replicated)?(?:[A-Z][A-Za-z]*)?MergeTree$/.test(name)) {
    throw new Untaken(`the engine ${name.slice(0, 60)}`);
  }
  const own = name.replace(/^Shared/, "");
  if (!reader.comes("(")) return own;
  const args: string[] = [];
  reader.inside("(", ")", () => {
    while (!reader.comes(")")) {
      if (args.length > 0) reader.expect(",");
      args.push(reader.kind === "string" ? reader.read("string").text : expression(reader, "steady"));
    }
    return "";
  });
  if (args.length === 0) return own;
  return `${own}(${
    (own === name ? withoutPath(name, args) : args.filter((arg) => !arg.startsWith("'"))).join(", ")
  })`;
}

/** A path with the table's own UUID is nobody else's, and is the default of a server; any other may be another table's. */
function withoutPath(name: string, args: readonly string[]): readonly string[] {
  if (!name.startsWith("Replicated") || !args[0]?.startsWith("'")) return args;
  if (!args[0].includes("{uuid}") || args[1] !== literal("{replica}")) {
    throw new Untaken(
      `a path of its own in Keeper (${args[0].slice(0, 80)}), which may be that of another table`,
    );
  }
  return args.slice(2);
}

function clause(reader: TokenReader, { without = [] }: OwnSettings): string {
  if (reader.take("PARTITION", "BY")) return `PARTITION BY ${expression(reader, "steady")}`;
  if (reader.take("PRIMARY", "KEY")) return `PRIMARY KEY ${expression(reader, "steady")}`;
  if (reader.take("ORDER", "BY")) return `ORDER BY ${expression(reader, "steady")}`;
  if (reader.take("SAMPLE", "BY")) return `SAMPLE BY ${expression(reader, "steady")}`;
  if (reader.take("TTL")) return `TTL ${ttlRules(reader)}`;
  if (reader.take("SETTINGS")) {
    const kept: string[] = [];
    do kept.push(setting(reader)); while (reader.take(","));
    const taken = kept.filter((one) => !without.some((name) => one.startsWith(`${name} = `)));
    return taken.length === 0 ? "" : `SETTINGS ${taken.join(", ")}`;
  }
  if (reader.take("COMMENT")) return `COMMENT ${reader.read("string").text}`;
  throw reader.unexpected();
}

/** A disk might be anywhere; a storage policy is one that this server's configuration knows. */
function setting(reader: TokenReader): string {
  const { text } = reader.read("word");
  if (/disk/i.test(text)) {
    throw new Untaken(`the setting ${text.slice(0, 60)}, which names a disk of its own`);
  }
  reader.expect("=");
  const sign = reader.take("-") ? "-" : "";
  if (reader.take("TRUE")) return `${text} = true`;
  if (reader.take("FALSE")) return `${text} = false`;
  return `${text} = ${sign}${reader.read("string", "number").text}`;
}
