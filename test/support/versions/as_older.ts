/** A server of today's engine that is asked as an older one: it says that it is one, and refuses settings that it does not know. */
import { SETTINGS_STATEMENT } from "../../../src/clickhouse/dialect/known_settings.ts";
import { literal } from "../../../src/clickhouse/sql/quoting.ts";

/** A statement that passed, and the settings beside it. */
export interface Passed {
  readonly statement: string;
  readonly settings: URLSearchParams;
}

export interface AsOlder extends AsyncDisposable {
  readonly url: string;
  /** In order; without those that were refused. */
  readonly passed: readonly Passed[];
}

/** Of those that ch-sync sends, what came after 23.8. */
export const UNKNOWN_TO_23_8 = [
  "allow_suspicious_primary_key",
  "allow_suspicious_ttl_expressions",
  "allow_suspicious_types_in_order_by",
  "allow_suspicious_variant_types",
  "apply_deleted_mask",
  "max_partition_size_to_drop",
  "max_table_size_to_drop",
  "timeout_overflow_mode_leaf",
];

/**
 * Listens on a free port before the server at `target`.
 *
 * @param version what it says where it is asked for its settings
 * @param lacks settings that it does not know
 */
export function startAsOlder(target: string, version: string, lacks: readonly string[]): AsOlder {
  const passed: Passed[] = [];
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search, searchParams: settings } = new URL(request.url);
    const statement = await request.text();
    const unknown = lacks.find((name) => settings.has(name) || statement.includes(` ${name} = `));
    if (unknown !== undefined) {
      const text =
        `Code: 115. DB::Exception: Setting ${unknown} is neither a builtin setting nor started with ` +
        `the prefix 'SQL_' registered for user-defined settings. (UNKNOWN_SETTING) (version ${version})\n`;
      return new Response(text, { status: 404, headers: { "x-clickhouse-exception-code": "115" } });
    }
    passed.push({ statement, settings });
    return await fetch(`${target}${pathname}${search}`, {
      method: request.method,
      headers: [...request.headers].filter(([name]) => !["host", "content-length"].includes(name)),
      body: request.method === "POST" ? older(statement) : null,
    });
  });

  /** The question which settings it knows. */
  const older = (statement: string) =>
    statement !== SETTINGS_STATEMENT ? statement : statement
      .replace("version()", literal(version))
      .replace("FROM system.settings WHERE", (found) =>
        `${found} name NOT IN (${lacks.map(literal).join(", ")}) AND`);

  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    passed,
    async [Symbol.asyncDispose]() {
      await listener.shutdown();
    },
  };
}
