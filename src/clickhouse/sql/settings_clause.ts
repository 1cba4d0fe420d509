/** Settings as they stand in a statement's own text. */
import { type ClickHouseSettings, SettingsMap } from "@clickhouse/client-web";
import { literal } from "./quoting.ts";

/**
 * ` SETTINGS a = 1, b = 'x'`, to end a statement with. `remote()` passes these on to the other server whatever they are,
 * but not a setting of the URL that says what the coordinator has anyway: there the other user's profile would decide.
 */
export function settingsClause(settings: ClickHouseSettings): string {
  const assigned = Object.entries(settings).map(([name, value]) => `${name} = ${settingLiteral(value)}`);
  return assigned.length === 0 ? "" : ` SETTINGS ${assigned.join(", ")}`;
}

function settingLiteral(value: ClickHouseSettings[string]): string {
  if (value instanceof SettingsMap) return String(value);
  // Some settings take no text in place of a number here.
  return /^-?\d+$/.test(String(value)) ? String(value) : literal(String(value));
}
