/** An environment without mistakes, for tests to spoil. */
import assert from "node:assert/strict";
import { describeMistake } from "../../../src/config/mistake.ts";
import { readSettings } from "../../../src/config/read_settings.ts";
import type { Settings } from "../../../src/model/settings.ts";

export const EXAMPLE: Readonly<Record<string, string>> = {
  ROLE: "dr",
  LOCAL_CH_URL: "http://192.168.200.143:8123",
  REMOTE_CH_URL: "http://192.168.100.143:8123",
  DNS_RECORD: "clickhouse.example.com",
  PRIMARY_IP: "192.168.100.143",
  DR_IP: "192.168.200.143",
};

/** Throws for every path but `/run/password`. */
export function readPassword(path: string): string {
  if (path !== "/run/password") throw new Deno.errors.NotFound(path);
  return "from-the-file\n";
}

/** The settings of the example with these changes; throws where there are mistakes. */
export function settingsWith(changes: Readonly<Record<string, string>> = {}): Settings {
  const read = readSettings({ ...EXAMPLE, ...changes }, readPassword);
  assert.equal(read.kind, "settings", mistakesWith(changes).join("\n"));
  return read.kind === "settings" ? read.settings : assert.fail();
}

/** The mistakes of the example with these changes, as an operator sees them. */
export function mistakesWith(changes: Readonly<Record<string, string>>): string[] {
  const read = readSettings({ ...EXAMPLE, ...changes }, readPassword);
  return read.kind === "mistakes" ? read.mistakes.map(describeMistake) : [];
}
