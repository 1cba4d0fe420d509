/** Reading tokens one after the other. */
import { identifier } from "../sql/quoting.ts";
import { type Token, tokenize, type TokenKind, Untaken } from "./tokens.ts";

/** Operands and brackets within each other at most: what people write has a tenth of that. */
const MAX_DEPTH = 200;

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  /** @throws {Untaken} */
  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** Whether the token that comes (or the one `ahead` of it) is this word, in any case, or this symbol. */
  comes(text: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead];
    if (token?.kind === "word") return token.text.toUpperCase() === text;
    return token?.kind === "symbol" && token.text === text;
  }

  /** Takes the words or symbols if all of them come, one after the other. */
  take(...texts: readonly string[]): boolean {
    if (!texts.every((text, ahead) => this.comes(text, ahead))) return false;
    this.#at += texts.length;
    return true;
  }

  /** @throws {Untaken} if something else comes */
  expect(...texts: readonly string[]): void {
    if (!this.take(...texts)) throw this.unexpected();
  }

  /** The kind of what comes; null: the end. */
  get kind(): TokenKind | null {
    return this.#tokens[this.#at]?.kind ?? null;
  }

  /** Takes a token of one of these kinds. @throws {Untaken} */
  read(...kinds: readonly TokenKind[]): Token {
    const token = this.#tokens[this.#at];
    if (!token || !kinds.includes(token.kind)) throw this.unexpected();
    this.#at++;
    return token;
  }

  /** A name, quoted or not, as SQL. */
  name(): string {
    return identifier(this.read("word", "name").text);
  }

  /** What stands in brackets. */
  inside(open: string, close: string, read: () => string): string {
    this.expect(open);
    const found = this.deeper(read);
    this.expect(close);
    return found;
  }

  /** Something that may hold more of its kind, within bounds. @throws {Untaken} beyond them */
  deeper(read: () => string): string {
    if (++this.#depth > MAX_DEPTH) throw new Untaken(`more than ${MAX_DEPTH} expressions within each other`);
    const found = read();
    this.#depth--;
    return found;
  }

  /** A list with commas, of one element at least. */
  list(read: () => string): string {
    const found = [read()];
    while (this.take(",")) found.push(read());
    return found.join(", ");
  }

  /** @throws {Untaken} if anything is left */
  end(): void {
    if (this.kind !== null) throw this.unexpected();
  }

  unexpected(): Untaken {
    const token = this.#tokens[this.#at];
    return new Untaken(
      token ? `${token.text.slice(0, 60)}, which is not taken from another site there` : "an end too early",
    );
  }
}
