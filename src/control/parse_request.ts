/** What a verb asks of a running daemon, and what that answers: one line of JSON each. */
import type { Answer, Request } from "../model/control.ts";

/** Tables or partitions that one request accepts, at most, and characters of one. */
const NAMES = 1000;
const LENGTH = 4096;

/** Null: it is none that this version knows. Never throws. */
export function parseRequest(line: string): Request | null {
  const { verb, names, environment } = fieldsOf(line);
  if (verb === "check") return { verb };
  if (verb === "reload") {
    return isEnvironment(environment) ? { verb, environment } : null;
  }
  if (verb !== "accept" || !Array.isArray(names) || names.length === 0 || names.length > NAMES) return null;
  return names.every((name) => typeof name === "string" && name.length <= LENGTH && /.\../s.test(name))
    ? { verb, names }
    : null;
}

function isEnvironment(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string");
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
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
