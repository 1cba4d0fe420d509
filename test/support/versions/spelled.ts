/** Expressions as trees, and the ways in which people and servers write them. */
import { fc } from "../seed.ts";

/** `call` and its arguments; without any: a name or a value. */
export interface Node {
  readonly call: string;
  readonly args: readonly Node[];
}

const leaf = (call: string): Node => ({ call, args: [] });
export const call = (call: string, ...args: readonly Node[]): Node => ({ call, args });

const OPERATORS: ReadonlyMap<string, string> = new Map(Object.entries({
  plus: "+",
  minus: "-",
  multiply: "*",
  modulo: "%",
  equals: "=",
  notEquals: "!=",
  less: "<",
  greaterOrEquals: ">=",
  and: "AND",
  or: "OR",
  like: "LIKE",
  concat: "||",
}));

/** Decides between so many ways. */
export type Choose = (ways: number) => number;

/** As it may be written: the same tree, whatever is chosen. */
export function spelled(node: Node, choose: Choose): string {
  const { call, args } = node;
  if (args.length === 0) return choose(4) === 0 ? `(${call})` : call;
  const words = args.map((arg) => spelled(arg, choose));
  const [a = "", b = ""] = words;
  const operands = args.map((arg, at) => arg.args.length > 0 ? `(${words[at]})` : words[at]!);
  const plain = `${call}(${words.join(", ")})`;
  const ways = (...all: readonly string[]) => all[choose(all.length)]!;
  const operator = OPERATORS.get(call);
  const text = operator !== undefined
    ? ways(operands.join(` ${operator} `), operands.join(` ${operator} `), plain)
    : call === "not"
    ? ways(`NOT ${operands[0]}`, plain)
    : call === "negate"
    ? ways(`-(${a})`, plain)
    : call === "isNull"
    ? ways(`${operands[0]} IS NULL`, plain)
    : call === "tuple"
    ? ways(`(${words.join(", ")})`, plain)
    : call === "array"
    ? ways(`[${words.join(", ")}]`, plain)
    : call === "in"
    ? ways(`${operands[0]} IN ${args[1]!.call}`, `in(${a}, ${args[1]!.call})`)
    : call === "arrayElement"
    ? ways(`${args[0]!.call === "array" ? a : operands[0]}[${b}]`, plain)
    : call === "tupleElement"
    ? ways(`${a}.${args[1]!.call}`, `tupleElement(${a}, ${args[1]!.call})`)
    : call === "lambda"
    ? `${a} -> ${b}`
    : call === "CAST"
    ? ways(`CAST(${a}, '${args[1]!.call}')`, `CAST(${a} AS ${args[1]!.call})`, `(${a})::${args[1]!.call}`)
    : plain;
  return call !== "lambda" && choose(4) === 0 ? `(${text})` : text;
}

const [a, b, s, n] = ["a", "b", "s", "n"].map(leaf) as [Node, Node, Node, Node];
const one = leaf("1");
const of = (name: string, ...args: readonly fc.Arbitrary<Node>[]): fc.Arbitrary<Node> =>
  fc.tuple(...args).map((args) => call(name, ...args));

/** Over `a` and `b` (Int64), `s` (String), `n` (Nullable(Int64)), of which each names one at least. */
export const { number, text, condition } = fc.letrec<{ number: Node; text: Node; condition: Node }>((
  tie,
) => ({
  number: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(a, b),
    ...["plus", "minus", "multiply"].map((name) => of(name, tie("number"), tie("number"))),
    of("minus", tie("number"), fc.constantFrom("1", "3").map(leaf)),
    of("modulo", tie("number"), fc.constant(leaf("7"))),
    of("negate", tie("number")),
    of("toInt64", of("abs", tie("number"))),
    of("if", tie("condition"), tie("number"), tie("number")),
    of("toInt64", of("length", tie("text"))),
    of(
      "CAST",
      of("plus", tie("number"), fc.constant(one)),
      fc.constant(leaf("Int64")),
    ),
    of(
      "toInt64",
      of("CAST", of("minus", tie("number"), fc.constant(one)), fc.constant(leaf("Decimal(20, 3)"))),
    ),
    of("tupleElement", of("tuple", tie("number"), tie("number")), fc.constantFrom("1", "2").map(leaf)),
    of("arrayElement", of("array", tie("number"), tie("number")), fc.constant(one)),
    of(
      "arraySum",
      of(
        "arrayMap",
        of("lambda", fc.constant(leaf("x")), fc.constant(call("plus", leaf("x"), b))),
        of("array", tie("number"), tie("number")),
      ),
    ),
  ),
  text: fc.oneof(
    { maxDepth: 3 },
    fc.constant(s),
    of("lower", tie("text")),
    of("toString", tie("number")),
    of("concat", tie("text"), fc.constantFrom("'x'", "'it\\'s'", "'a  b'", "')('").map(leaf)),
  ),
  condition: fc.oneof(
    { maxDepth: 3 },
    ...["equals", "less", "greaterOrEquals", "notEquals"].map((name) =>
      of(name, tie("number"), tie("number"))
    ),
    of("isNull", fc.constant(n)),
    of("not", tie("condition")),
    of("and", tie("condition"), tie("condition")),
    of("or", tie("condition"), tie("condition")),
    of(
      "in",
      tie("number"),
      fc.constantFrom("(1, 2)", "(3, 4, 1)").map(leaf),
    ),
    of("like", tie("text"), fc.constant(leaf("'x%'"))),
  ),
}));
