/** Reading single values out of the environment, collecting every mistake on the way. */
import { isIP } from "node:net";
import type { Mistake } from "./mistake.ts";
import { VARIABLES } from "./variables.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

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

  /** Notes that a variable is not what its `accepts` says. */
  reject(name: string, problem?: string): void {
    const variable = VARIABLES.find((variable) => variable.name === name);
    const value = this.raw(name) ?? null;
    this.mistakes.push({
      variable: name,
      value: variable?.secret || value === null || /\/\/[^/]*@/.test(value) ? null : value,
      problem: problem ?? `must be ${variable?.accepts}`,
    });
  }

  /** The text where it is set, else the fallback; a required one that is not set is a mistake. */
  text(name: string, fallback = "", valid: (value: string) => boolean = () => true): string {
    const value = this.raw(name);
    const { required } = VARIABLES.find((variable) => variable.name === name) ?? {};
    if (value === undefined) {
      if (required) this.reject(name, `is required: ${VARIABLES.find((v) => v.name === name)!.accepts}`);
      return fallback;
    }
    if (!valid(value)) this.reject(name);
    return value;
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const value = this.text(name, fallback).toLowerCase();
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined && this.raw(name) !== undefined) this.reject(name);
    return choice ?? fallback;
  }

  number(name: string, fallback: number, low: number, high: number, whole = true): number {
    const text = this.raw(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    const plain = whole ? /^\d{1,15}$/ : /^\d{1,9}(\.\d{1,9})?$/;
    if (!plain.test(text) || value < low || value > high) this.reject(name);
    return value;
  }

  flag(name: string): boolean {
    return this.oneOf(name, ["true", "false", "1", "0", "yes", "no"], "false").match(/true|1|yes/) !== null;
  }

  address(name: string): string {
    return this.text(name, "", (value) => isIP(value) !== 0);
  }

  /** Scheme, host and port, without a trailing slash. */
  endpoint(name: string): URL | null {
    const value = this.text(name);
    if (value === "") return null;
    const url = URL.canParse(value) ? new URL(value) : null;
    const plain = url && /^https?:$/.test(url.protocol) && url.hostname !== "" && url.pathname === "/" &&
      url.search === "" && url.hash === "";
    if (url && (url.username || url.password)) {
      this.reject(name, `must not hold credentials: set ${name.replace("_URL", "_USER")} and …_PASSWORD`);
    } else if (!plain) this.reject(name);
    return plain ? url : null;
  }

  /** From the variable, or from the file that `<name>_FILE` names. */
  password(name: string, readFile: (path: string) => string): string {
    const value = this.#environment[name] || undefined;
    const path = this.raw(`${name}_FILE`);
    if (path === undefined) return value ?? "";
    if (value !== undefined) this.reject(`${name}_FILE`, `is set together with ${name}: keep one of them`);
    try {
      return readFile(path).replace(/\r?\n$/, "");
    } catch {
      this.reject(`${name}_FILE`, "cannot be read: check the path and its mode");
      return "";
    }
  }
}
