/** Types and codecs of another site: names and constants in brackets, of which a server evaluates nothing. */
import { mayCall } from "./functions.ts";
import { TokenReader } from "./reader.ts";
import { Untaken } from "./tokens.ts";

/** The same type, written anew. @throws {Untaken} */
export function takeType(text: string): string {
  const reader = new TokenReader(text);
  const taken = dataType(reader);
  reader.end();
  return taken;
}

const TYPES =
  /^(?:U?Int(?:8|16|32|64|128|256)|B?Float(?:16|32|64)|Decimal(?:32|64|128|256)?|(?:Fixed)?String|Bool|UUID|IPv[46]|Date(?:32)?|DateTime(?:32|64)?|Time(?:64)?|Enum(?:8|16)?|Array|Tuple|Nested|Map|Nullable|LowCardinality|Variant|Dynamic|JSON|Object|QBit|Nothing|Interval[A-Z][a-z]+|Point|Ring|(?:Multi)?(?:LineString|Polygon)|Geometry)$/;

/** Types whose first argument is an aggregate function, with its parameters. */
const AGGREGATES = /^(?:Simple)?AggregateFunction$/;

/** `Array(Tuple(a String, b Enum8('x' = 1)))`. No bracket opens but behind a name: there is no expression in a type. */
export function dataType(reader: TokenReader): string {
  const { text } = reader.read("word");
  if (AGGREGATES.test(text)) return `${text}(${reader.inside("(", ")", () => aggregated(reader))})`;
  if (!TYPES.test(text)) throw new Untaken(`the type ${text.slice(0, 60)}`);
  return reader.comes("(") ? `${text}(${reader.inside("(", ")", () => elements(reader, element))})` : text;
}

/** `quantiles(0.5, 0.9), Float64`; a version of the state may stand before the function. */
function aggregated(reader: TokenReader): string {
  const version = reader.kind === "number" ? `${reader.read("number").text}, ` : "";
  if (version !== "") reader.expect(",");
  const { text } = reader.read("word");
  if (!mayCall(text, "aggregate")) throw new Untaken(`the function ${text.slice(0, 60)}()`);
  const parameters = reader.comes("(")
    ? `(${reader.inside("(", ")", () => elements(reader, constant))})`
    : "";
  const types = reader.take(",") ? `, ${reader.list(() => dataType(reader))}` : "";
  return `${version}${text}${parameters}${types}`;
}

/** `CODEC(Delta(4), ZSTD(1))`, `STATISTICS(tdigest)`: names, each with constants. */
export function codec(reader: TokenReader): string {
  const { text } = reader.read("word");
  const named = () => {
    const name = reader.read("word").text;
    return reader.comes("(") ? `${name}(${reader.inside("(", ")", () => elements(reader, constant))})` : name;
  };
  return `${text}(${reader.inside("(", ")", () => elements(reader, named))})`;
}

function elements(reader: TokenReader, read: (reader: TokenReader) => string): string {
  return reader.comes(")") ? "" : reader.list(() => read(reader));
}

/** `3`, `'UTC'`, `'a' = 1`, `max_dynamic_paths = 8`, `Int64`, `name Int64`, `a.path Int64`, `SKIP a.path`, `SKIP REGEXP 'x'`. */
function element(reader: TokenReader): string {
  if (reader.kind === "number" || reader.comes("-")) return constant(reader);
  if (reader.kind === "string") {
    const { text } = reader.read("string");
    return reader.take("=") ? `${text} = ${constant(reader)}` : text;
  }
  if (reader.comes("=", 1)) {
    const { text } = reader.read("word");
    reader.expect("=");
    return `${text} = ${constant(reader)}`;
  }
  if (reader.take("SKIP", "REGEXP")) return `SKIP REGEXP ${reader.read("string").text}`;
  if (reader.comes("SKIP") && !reader.comes("(", 1)) {
    reader.expect("SKIP");
    return `SKIP ${path(reader)}`;
  }
  // A type alone ends here, or has its own brackets; anything else is a name, and its type follows.
  const alone = reader.kind === "word" && [",", ")", "("].some((text) => reader.comes(text, 1));
  return alone ? dataType(reader) : `${path(reader)} ${dataType(reader)}`;
}

function path(reader: TokenReader): string {
  let taken = reader.name();
  while (reader.take(".")) taken += `.${reader.name()}`;
  return taken;
}

function constant(reader: TokenReader): string {
  const sign = reader.take("-") ? "-" : "";
  return sign + reader.read("number", "string").text;
}
