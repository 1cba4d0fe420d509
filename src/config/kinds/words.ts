/** Kinds of settings that are words, times of day, or lists of either. */
import type { TableId } from "../../model/table.ts";
import type { Blackout, TimeColumn } from "../../model/settings.ts";
import { isHostName } from "./host_name.ts";
import { either, type Given, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";

/** Any text, or one that `valid` accepts. */
export function text<S extends Spec>(
  accepts: string,
  spec: S,
  valid?: (text: string) => boolean,
): Setting<Given<S, string>> {
  return setting(spec, {
    accepts,
    anything: valid === undefined,
    parse: (text) => valid?.(text) === false ? new RefusedValue() : text,
  });
}

/** Names that servers give to databases of their own. */
const SERVER_DATABASES = ["system", "information_schema"];

/** A name that needs no quotes, so that it reads alike in a statement, a sentence and this setting. */
export function databaseName<S extends Spec>(spec: S): Setting<Given<S, string>> {
  return text(
    "the name of a database, of letters, digits and _, and none of the server's own",
    spec,
    (name) => /^[A-Za-z_]\w{0,99}$/.test(name) && !SERVER_DATABASES.includes(name.toLowerCase()),
  );
}

/** `database.table`, both of letters, digits and _. */
export function tableId<S extends Spec>(spec: S): Setting<Given<S, TableId>> {
  return setting(spec, {
    accepts:
      "database.table, of letters, digits and _, in no database of the server's own, and no name that begins with _chsync_",
    parse: (text): TableId | RefusedValue => {
      const [, database = "", name = ""] = /^([A-Za-z_]\w{0,99})\.([A-Za-z_]\w{0,99})$/.exec(text) ?? [];
      const taken = SERVER_DATABASES.includes(database.toLowerCase()) || name.startsWith("_chsync_");
      return name === "" || taken ? new RefusedValue() : { database, name };
    },
  });
}

/** One of these words, in any case. `also` holds words that are accepted but not listed, and what they mean. */
export function choice<const Choice extends string, S extends Spec<Choice>>(
  choices: readonly Choice[],
  spec: S,
  also: readonly (readonly [word: string, Choice])[] = [],
): Setting<Given<S, Choice>> {
  const words = new Map<string, Choice>([...choices.map((word) => [word, word] as const), ...also]);
  return setting(spec, {
    accepts: either(choices),
    parse: (text) => words.get(text.toLowerCase()) ?? new RefusedValue(),
  });
}

export function flag<S extends Spec<boolean>>(spec: S): Setting<Given<S, boolean>> {
  return setting(spec, {
    accepts: "true or false (also 1, 0, yes, no)",
    parse: (text) => {
      if (/^(true|1|yes)$/i.test(text)) return true;
      return /^(false|0|no)$/i.test(text) ? false : new RefusedValue();
    },
  });
}

/** Globs on `database.table`, separated by commas. One without dot or wildcard would match no table. */
export function globs<S extends Spec>(spec: S): Setting<Given<S, readonly string[]>> {
  return setting(spec, {
    accepts: "globs on database.table, separated by commas",
    parse: (text): readonly string[] | RefusedValue => {
      const patterns = elements(text);
      const vain = patterns.filter((pattern) => !/[.*?]/.test(pattern));
      return vain.length === 0
        ? patterns
        : new RefusedValue(`must be globs on database.table, which ${vain.join(", ")} can never match`);
    },
  });
}

/** Globs on `database.table.column`, separated by commas. One that takes every column of a table takes its keys, too. */
export function columnGlobs<S extends Spec>(spec: S): Setting<Given<S, readonly string[]>> {
  return setting(spec, {
    accepts: "globs on database.table.column, separated by commas",
    parse: (text): readonly string[] | RefusedValue => {
      const patterns = elements(text);
      const vain = patterns.filter((pattern) => !/\..*\.|[*?]/.test(pattern));
      if (vain.length > 0) {
        return new RefusedValue(
          `must be globs on database.table.column, which ${vain.join(", ")} can never match`,
        );
      }
      const greedy = patterns.filter((pattern) => /^[*?.]*$|\.[*?]*$/.test(pattern));
      return greedy.length === 0 ? patterns : new RefusedValue(
        `must name columns: ${greedy.join(", ")} would leave out every column of a table, the keys too`,
      );
    },
  });
}

const UNITS: Readonly<Record<string, TimeColumn["unit"]>> = {
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  µs: "microseconds",
  ns: "nanoseconds",
  none: "none",
};

/** `db.table.column` or `db.table.column:ns`, as globs, separated by commas. */
export function timeColumns<S extends Spec>(spec: S): Setting<Given<S, readonly TimeColumn[]>> {
  return setting(spec, {
    accepts:
      "globs on database.table.column, each with :s, :ms, :us, :ns or :none behind it or nothing, separated by commas",
    parse: (text): readonly TimeColumn[] | RefusedValue => {
      const columns = elements(text).map(timeColumn);
      return columns.every((found) => found !== null) ? columns : new RefusedValue();
    },
  });
}

function timeColumn(text: string): TimeColumn | null {
  const [, pattern = text, unit] = /^(.*):([^.:*?]*)$/.exec(text) ?? [];
  if (!/\..*\.|[*?]/.test(pattern) || (unit !== undefined && !Object.hasOwn(UNITS, unit))) return null;
  return { pattern, unit: unit === undefined ? null : UNITS[unit]! };
}

/** Host names without port, separated by commas; returned in lower case, without a dot at the end. */
export function hostNames<S extends Spec>(spec: S): Setting<Given<S, readonly string[]>> {
  return setting(spec, {
    accepts: "host names without port, separated by commas",
    parse: (text): readonly string[] | RefusedValue => {
      const names = elements(text);
      return names.every(isHostName)
        ? names.map((name) => name.toLowerCase().replace(/\.$/, ""))
        : new RefusedValue();
    },
  });
}

const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)$/;

/** `22:00-06:00`, several separated by commas. Equal times could mean never or always, so they are a mistake. */
export function timesOfDay<S extends Spec>(spec: S): Setting<Given<S, readonly Blackout[]>> {
  return setting(spec, {
    accepts: "HH:MM-HH:MM with two different times, more than one separated by commas",
    parse: (text): readonly Blackout[] | RefusedValue => {
      const windows = elements(text).map(window);
      return windows.every((found) => found !== null) ? windows : new RefusedValue();
    },
  });
}

function window(text: string): Blackout | null {
  const [, ...parts] = WINDOW.exec(text) ?? [];
  if (parts.length === 0) return null;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from % 1440 === to % 1440 ? null : { from, to };
}

function elements(text: string): string[] {
  return text.split(",").map((element) => element.trim()).filter(Boolean);
}
