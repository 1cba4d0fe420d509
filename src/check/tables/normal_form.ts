/**
 * Texts of definitions written in one form, so that what servers of different versions print of the same definition is the
 * same: for comparison alone, never for a statement.
 *
 * From 26.3 on a server keeps `plus(a, b)`, where others print `a + b`; from 26.5 on it keeps brackets that say nothing
 * (`(toYYYYMM(ts))`, `(v + 1)`), and it quotes other names than older ones. Here all are calls: `plus(a, b)`.
 */
import { INFIX, KEYWORDS, LITERALS, NAMED, PREFIX, TOKEN } from "./spellings.ts";

/** Characters of a definition at most: a server takes no longer statement by default (max_query_size). */
const MAX_LENGTH = 262_144;

/** Brackets and operators within each other at most: what people write has a tenth of that. */
const MAX_DEPTH = 200;

/** The text in that form; as it is, where it is none that a server would print. */
export function normalForm(text: string): string {
  if (text.length > MAX_LENGTH) return text;
  try {
    return new Former(text.match(TOKEN) ?? []).whole();
  } catch (error) {
    if (error instanceof Unformed) return text;
    throw error;
  }
}

/** The same of a key: `a` and `(a)` are one, and so are `a, b` and `(a, b)`; no key is `tuple()`. */
export function normalKey(key: string): string {
  return normalForm(`(${key})`);
}

class Unformed extends Error {}

/** What stands between two commas or brackets. */
interface Item {
  readonly text: string;
  /** It is one expression, and nothing besides. */
  readonly alone: boolean;
  /** Its first word is that of a query. */
  readonly query: boolean;
}

class Former {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): string {
    const items = this.#items();
    if (this.#at < this.#tokens.length) throw new Unformed();
    return written(items);
  }

  #comes(...texts: readonly string[]): boolean {
    return texts.every((text, ahead) => this.#tokens[this.#at + ahead] === text);
  }

  #take(...texts: readonly string[]): boolean {
    if (!this.#comes(...texts)) return false;
    this.#at += texts.length;
    return true;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Unformed();
    return token;
  }

  #inside<T>(close: string, read: () => T): T {
    this.#at++;
    const found = this.#deeper(read);
    if (!this.#take(close)) throw new Unformed();
    return found;
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new Unformed();
    const found = read();
    this.#depth--;
    return found;
  }

  #ends(): boolean {
    return this.#at >= this.#tokens.length || this.#comes(",") || this.#comes(")") || this.#comes("]");
  }

  #items(): Item[] {
    if (this.#ends() && !this.#comes(",")) return [];
    const items = [this.#item()];
    while (this.#take(",")) items.push(this.#item());
    return items;
  }

  /** Expressions with the words between them, such as `a + 1 AS b` or `INDEX i a TYPE minmax`. */
  #item(): Item {
    const parts: string[] = [];
    let expressions = 0;
    const query = this.#comes("SELECT") || this.#comes("WITH");
    while (!this.#ends()) {
      const found = this.#expression(0);
      if (found !== null) expressions++;
      const part = found ?? this.#next();
      parts.push(part);
      // A name, which a bracket may follow that is no list of arguments.
      if (found === null && parts.length === 1 && NAMED.has(part)) parts.push(bareName(this.#next()));
    }
    return { text: parts.join(" "), alone: parts.length === 1 && expressions === 1, query };
  }

  /** Null: none begins here, and nothing was taken. */
  #expression(least: number): string | null {
    return this.#deeper(() => {
      let left = this.#operand();
      if (left === null) return null;
      for (let within = 0; within < MAX_DEPTH; within++) {
        const more: string | null = this.#tight(left) ?? this.#joined(left, least);
        if (more === null) return left;
        left = more;
      }
      throw new Unformed();
    });
  }

  /** Null: no operator comes that binds tightly enough. */
  #joined(left: string, least: number): string | null {
    const found = INFIX.find(({ words, binds }) => binds >= least && this.#comes(...words));
    if (found === undefined) return null;
    const { call, binds, right } = found;
    const operands = [call === "lambda" && !left.startsWith("tuple(") ? `tuple(${left})` : left];
    do {
      this.#at += found.words.length;
      if (right === "none") break;
      const operand = this.#expression(right === "same" ? binds : binds + 1);
      if (operand === null) throw new Unformed();
      operands.push(operand);
    } while (found.chains && this.#comes(...found.words));
    return `${call}(${operands.join(", ")})`;
  }

  /** What stands right behind an operand: `[1]`, `.1`, `.name`, `::Type`; null: nothing of these. */
  #tight(left: string): string | null {
    if (this.#comes("[")) return `arrayElement(${left}, ${written(this.#inside("]", () => this.#items()))})`;
    if (this.#take("::")) return `CAST(${left}, ${this.#type()})`;
    if (!this.#comes(".") || this.#comes(".", "*")) return null;
    this.#at++;
    const place = this.#next();
    if (!/^\d/.test(place)) return `tupleElement(${left}, '${bareName(place)}')`;
    return place.split(".").reduce((inner, number) => `tupleElement(${inner}, ${number})`, left);
  }

  #operand(): string | null {
    const token = this.#tokens[this.#at];
    if (token === undefined || this.#ends()) return null;
    const prefix = PREFIX.get(token);
    if (prefix !== undefined) return this.#prefixed(token, prefix);
    if (token === "(") return this.#group();
    if (token === "[") return `array(${written(this.#inside("]", () => this.#items()))})`;
    if (token === "*" || /^['\d]/.test(token)) return this.#next();
    if (KEYWORDS.has(token) || !/^[\w`]/.test(token)) return null;
    const name = bareName(this.#next());
    if (!this.#comes("(")) return name;
    if (name === "CAST") return this.#cast();
    const call = `${name}(${this.#arguments()})`;
    return this.#comes("(") ? `${call}(${this.#arguments()})` : call;
  }

  #prefixed(token: string, { call, binds }: { readonly call: string; readonly binds: number }): string {
    this.#at++;
    const operand = this.#expression(binds);
    return operand === null ? token : `${call}(${operand})`;
  }

  #arguments(): string {
    return written(this.#inside(")", () => this.#items()));
  }

  /** Brackets round one expression say nothing; round several they are a tuple, and round a query they are its own. */
  #group(): string {
    const items = this.#inside(")", () => this.#items());
    const [first] = items;
    if (first?.query) return `(${written(items)})`;
    if (items.length !== 1 || first === undefined) return `tuple(${written(items)})`;
    return first.alone ? first.text : `(${first.text})`;
  }

  /** `CAST(x, 'T')`, and `CAST(x AS T)`, as servers before 23.8 print it. */
  #cast(): string {
    return this.#inside(")", () => {
      const value = this.#expression(0);
      if (value === null) throw new Unformed();
      if (this.#take("AS")) return `CAST(${value}, ${this.#type()})`;
      if (!this.#take(",")) throw new Unformed();
      const type = this.#expression(0) ?? this.#next();
      const text = /^'(.*)'$/s.exec(type)?.[1];
      return `CAST(${value}, ${text === undefined ? type : asType(text.replace(/\\(.)/gs, "$1"))})`;
    });
  }

  #type(): string {
    const from = this.#at++;
    if (this.#comes("(")) this.#arguments();
    return asType(this.#tokens.slice(from, this.#at).join(" "));
  }
}

function written(items: readonly Item[]): string {
  return items.map(({ text }) => text).join(", ");
}

function asType(text: string): string {
  return `<${(text.match(TOKEN) ?? []).join(" ")}>`;
}

/** Without its quotes, where it would be the same name without them. */
function bareName(token: string): string {
  const bare = /^`([A-Za-z_]\w*)`$/.exec(token)?.[1];
  return bare === undefined || KEYWORDS.has(bare) || LITERALS.has(bare.toLowerCase()) ? token : bare;
}
