/** What a verb asks of a running daemon, and what that answers: one line of JSON each. */
import type { Answer, GivenVariables, Request } from "../model/control.ts";

/** Tables or partitions that one request accepts, at most, and characters of one. */
const NAMES = 1000;
const LENGTH = 4096;

/** Null: it is none that this version knows. Never throws. */
export function parseRequest(line: string): Request | null {
  const { verb, names, given } = fieldsOf(line);
  if (verb === "check") return { verb };
  if (verb === "reload") {
    const variables = readGiven(given);
    return variables && { verb, given: variables };
  }
  if (verb !== "accept" || !Array.isArray(names) || names.length === 0 || names.length > NAMES) return null;
  return names.every((name) => typeof name === "string" && name.length <= LENGTH && /.\../s.test(name))
    ? { verb, names }
    : null;
}

function readGiven(value: unknown): GivenVariables | null {
  if (!isObject(value)) return null;
  const { process, file, path, needed } = value;
  return isVariables(process) && isVariables(file) && typeof path === "string" && typeof needed === "boolean"
    ? { process, file, path, needed }
    : null;
}

function isVariables(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Null: it is none. Never throws. */
export function parseAnswer(line: string): Answer | null {
  const { code, lines } = fieldsOf(line);
  if (code !== 0 && code !== 1 && code !== 2 && code !== 3) return null;
  return Array.isArray(lines) && lines.every((text) => typeof text === "string") ? { code, lines } : null;
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
