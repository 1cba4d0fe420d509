/** Older servers do not know every setting: what one does not know, it does not do either. */
import type { ClickHouseSettings } from "@clickhouse/client-web";
import { decodeRows, UnsoundAnswer } from "../http/answers.ts";
import { SiteError } from "../http/errors.ts";
import { literal } from "../sql/quoting.ts";
import { inUrl, type UrlSettings } from "../http/common_settings.ts";
import { EXACT } from "../http/exact_settings.ts";
import { EXPERIMENTS, olderValues, tooOld } from "./versions.ts";

const UNKNOWN_SETTING = 115;

/** Experiments that the profile keeps as they are: no statement may go with them. */
const KEPT = `name IN (${Object.keys(EXPERIMENTS).map(literal).join(", ")}) AND (readonly = 1 OR max = '0')`;

/** One name a row, all of them and the version. JSON has an end: half an answer is told as such. */
export const SETTINGS_STATEMENT =
  `SELECT name FROM (SELECT name FROM system.settings WHERE ifNull(NOT (${KEPT}), 1) UNION ALL ` +
  "SELECT concat('version ', version()) AS name) FORMAT JSON";

/** What a profile may hold that would refuse it, or leave names out in silence, and that each server knows. */
const ASKED_WITH: readonly string[] = [
  "limit",
  "offset",
  "additional_result_filter",
  "additional_table_filters",
  "use_query_cache",
  "implicit_transaction",
  "extremes",
  "result_overflow_mode",
  "read_overflow_mode",
  "timeout_overflow_mode",
  "query_plan_max_optimizations_to_apply",
  "max_query_size",
  "max_parser_depth",
  "max_ast_depth",
  "max_ast_elements",
  "max_expanded_ast_elements",
  "max_subquery_depth",
  "max_columns_to_read",
  "max_temporary_columns",
  "max_temporary_non_const_columns",
];

/** What it answers. */
export interface ToldSettings {
  readonly version: string;
  readonly names: ReadonlySet<string>;
}

/** @throws {UnsoundAnswer} if it is not whole */
export function decodeSettings(answer: string): ToldSettings {
  const names = decodeRows<{ readonly name: string }>(answer).map(({ name }) => name);
  const [version] = names.flatMap((name) => /^version (\d.*)/.exec(name)?.[1] ?? []);
  if (version === undefined) throw new UnsoundAnswer("the answer does not hold the version of the server");
  return { version, names: new Set(names) };
}

/** How it is asked: with settings that are applied before it is read, and with none that the server may refuse. */
export const SETTINGS_QUESTION = [
  SETTINGS_STATEMENT,
  decodeSettings,
  Object.fromEntries(ASKED_WITH.map((name) => [name, EXACT[name]!])) as ClickHouseSettings,
] as const;

/** For a server that knows them all. */
const TODAY = inUrl(EXACT);

/** What a server knows of the settings that statements go with. Nothing is asked of one that knows them all. */
export class KnownSettings {
  readonly #site: "local" | "remote";
  #known: ReadonlySet<string> | null = null;
  #version: string | null = null;
  #common = TODAY;

  constructor(site: "local" | "remote") {
    this.#site = site;
  }

  /** Of a server that has refused a setting; null: it knows them all, as far as it was asked. */
  get version(): string | null {
    return this.#version;
  }

  /** EXACT as this server takes it. */
  get common(): UrlSettings {
    return this.#common;
  }

  /** Those of them that the server knows: all, until it has refused one. */
  filter(settings: ClickHouseSettings): ClickHouseSettings {
    return this.#known === null ? settings : among(this.#known, settings);
  }

  /**
   * Sends a statement; again, once, if the server refuses a setting that it does not know, which it does before anything
   * is carried out.
   *
   * @param ask what `SETTINGS_QUESTION` asks
   * @throws {SiteError} also if the server turns out to be too old
   */
  async sending<T>(send: () => Promise<T>, ask: () => Promise<ToldSettings>): Promise<T> {
    const asked = this.#known;
    try {
      return await send();
    } catch (error) {
      if (asked !== null || !(error instanceof SiteError) || error.code !== UNKNOWN_SETTING) throw error;
      this.#known ??= this.#heed(await ask());
      return await send();
    }
  }

  #heed({ version, names }: ToldSettings): ReadonlySet<string> {
    const old = tooOld(version);
    if (old !== null) throw new SiteError(this.#site, null, old);
    this.#version = version;
    this.#common = inUrl(among(names, { ...EXACT, ...EXPERIMENTS, ...olderValues(version) }));
    return names;
  }
}

function among(names: ReadonlySet<string>, settings: ClickHouseSettings): ClickHouseSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => names.has(name)));
}
