/** Reading single values out of the environment, collecting every mistake on the way. */
import { isIP } from "node:net";
import { isHostName } from "./host_name.ts";
import type { Mistake } from "./mistake.ts";
import type { Variable } from "./variable.ts";
import { VARIABLES } from "./variables.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const BY_NAME: ReadonlyMap<string, Variable> = new Map(
  VARIABLES.map((variable) => [variable.name, variable]),
);

/** A URL in which no part could be a password, however it is misspelt: `[scheme://]host[:port][/path]`. */
const HARMLESS_URL = /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[\w.-]*|\[[\da-f:.]*\])(?::\d*)?(?:\/[\w./-]*)?$/i;

/** Reads typed values; a mistake is noted, and a stand-in returned that nobody gets to see. */
export class ValueReader {
  readonly mistakes: Mistake[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The value, or undefined where it is not set: set to nothing counts as not set. */
  raw(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined;
  }

  /** Notes that a variable is not what its `accepts` says, or what else is wrong with it. */
  reject(name: string, problem = `must be ${BY_NAME.get(name)?.accepts}`): void {
    this.mistakes.push({ variable: name, value: this.#shown(name), problem });
  }

  /** The text where it is set, else the default; a required one that is not set is a mistake. */
  text(name: string, valid: (value: string) => boolean = () => true, fallback = defaultOf(name)): string {
    const value = this.raw(name);
    if (value === undefined) {
      const { required, accepts } = BY_NAME.get(name) ?? {};
      if (required) this.reject(name, `is required: ${accepts}`);
      return fallback;
    }
    if (!valid(value)) this.reject(name);
    return value;
  }

  oneOf<const Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.text(name).toLowerCase();
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined && this.raw(name) !== undefined) this.reject(name);
    return choice ?? choices[0];
  }

  /** A number within the bounds, both included. */
  number(name: string, low: number, high: number, fallback = Number(defaultOf(name))): number {
    return this.#numeric(name, /^\d{1,15}$/, low, high, fallback);
  }

  /** A number of bytes, with a binary unit or without: `500`, `100G`. */
  bytes(name: string): number {
    const text = this.text(name, (value) => /^\d{1,9}[KMGT]?$/i.test(value));
    const [, digits = "0", unit = ""] = /^(\d+)([KMGT]?)$/i.exec(text) ?? [];
    return Number(digits) * 1024 ** " KMGT".indexOf(unit.toUpperCase() || " ");
  }

  fraction(name: string, low: number, high: number): number {
    return this.#numeric(name, /^\d{1,9}(\.\d{1,9})?$/, low, high, Number(defaultOf(name)));
  }

  flag(name: string): boolean {
    return ["true", "1", "yes"].includes(this.oneOf(name, ["false", "true", "1", "0", "yes", "no"]));
  }

  /** An address as DNS gives it: without the zone that `isIP` lets pass. */
  address(name: string): string {
    return this.text(name, (value) => isIP(value) !== 0 && !value.includes("%"));
  }

  /** A name or an address, without brackets. */
  host(name: string, fallback: string): string {
    const bare = (text: string) => text.replace(/^\[(.*)\]$/, "$1");
    return bare(this.text(name, (value) => isIP(bare(value)) !== 0 || isHostName(value), fallback));
  }

  /** Scheme, host and port; null where it is not set or not valid. */
  endpoint(name: string): URL | null {
    const value = this.text(name);
    if (value === "") return null;
    const url = URL.canParse(value) ? new URL(value) : null;
    const plain = url && /^https?:\/\//i.test(value) && url.pathname === "/" && url.search === "" &&
      url.hash === "" && url.port !== "0";
    if (value.includes("@")) {
      const [user, password] = [name.replace("_URL", "_USER"), name.replace("_URL", "_PASSWORD")];
      this.reject(name, `must not hold credentials: set ${user} and ${password}`);
      return null;
    }
    if (!plain) this.reject(name);
    return plain ? url : null;
  }

  /**
   * From the variable, or from the file that `<name>_FILE` names, less the end of its last line. An empty file is no
   * password: the unit always names a file, for which systemd makes up an empty one where the operator has none.
   */
  password(name: string, readFile: (path: string) => string): string {
    const value = this.#environment[name] || undefined;
    const path = this.raw(`${name}_FILE`);
    if (path === undefined) return value ?? "";
    let content: string;
    try {
      content = readFile(path).replace(/\r?\n$/, "");
    } catch {
      this.reject(`${name}_FILE`, "cannot be read: check the path and its mode");
      return "";
    }
    if (value !== undefined && content !== "") {
      this.reject(`${name}_FILE`, `is set together with ${name}: keep one of them`);
    }
    return content || (value ?? "");
  }

  #numeric(name: string, form: RegExp, low: number, high: number, fallback: number): number {
    const text = this.raw(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!form.test(text) || value < low || value > high) this.reject(name);
    return value;
  }

  /** The value for a mistake; `***` for a secret and for what may hold one. */
  #shown(name: string): string | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    const harmless = name.endsWith("_URL") ? HARMLESS_URL.test(value) : !value.includes("@");
    return harmless && !BY_NAME.get(name)?.secret ? value : "***";
  }
}

function defaultOf(name: string): string {
  return BY_NAME.get(name)?.default ?? "";
}
