/** Which of the rights that ch-sync needs its users lack, each as the statement that grants it. */
import type { ReadableSite } from "../check/ports/readable_site.ts";
import type { Examination } from "../model/examination.ts";
import type { Settings } from "../model/settings.ts";
import { spelledFor } from "../clickhouse/dialect/versions.ts";
import { identifier } from "../clickhouse/sql/quoting.ts";
import { failed, ok, warning } from "./graded.ts";
import { type GrantedTable, REQUIRED_GRANTS, type RequiredGrant } from "./required_grants.ts";

/** Tables that are asked about one by one, at most, if the right on their database is missing. */
const TABLES_ASKED = 200;

/**
 * Only for a server that accepts the user.
 *
 * @param tables that are synced; none: rights on databases are not asked for
 * @param version of the server, whose words are used; null: those of today
 * @param url of the server, where the site has several addresses
 */
export async function examineGrants(
  side: "local" | "remote",
  site: Pick<ReadableSite, "hasGrant">,
  settings: Settings,
  tables: readonly GrantedTable[],
  version: string | null = null,
  url: string | null = null,
): Promise<Examination[]> {
  const wanted = REQUIRED_GRANTS.filter(({ site, when, only }) =>
    site === side && (when?.(settings) ?? true) &&
    (only === undefined || tables.some((table) => only(table, settings)))
  );
  const missing: { readonly right: string; readonly lost: string | undefined }[] = [];
  const untold: string[] = [];
  let told = 0;
  for (const grant of wanted) {
    for (const today of spelledOut(grant, settings, tables)) {
      const right = version === null ? today : spelledFor(version, today);
      const held = await site.hasGrant(right);
      if (held === null) untold.push(right);
      else told++;
      if (held === null) continue;
      if (!held && !await heldPerTable(site, grant, right, tables)) {
        missing.push({ right, lost: grant.needs?.(settings) ? undefined : grant.lost });
      }
    }
  }
  return verdict([side, url], settings[side].user, missing, { told, untold, wanted: wanted.length });
}

function verdict(
  [site, url]: readonly [site: "local" | "remote", url: string | null],
  user: string,
  missing: readonly { readonly right: string; readonly lost: string | undefined }[],
  { told, untold, wanted }: {
    readonly told: number;
    readonly untold: readonly string[];
    readonly wanted: number;
  },
): Examination[] {
  const subject = `rights of ${user} at the ${site} site${url === null ? "" : ` (${url})`}`;
  if (told === 0 && untold.length > 0) {
    return [
      warning(
        subject,
        "the server cannot tell (CHECK GRANT needs ClickHouse 24.11)",
        "compare SHOW GRANTS with scripts/grants-older.sql",
      ),
    ];
  }
  // One that this version has no word for hides none of the others.
  const open = untold.length === 0 ? [] : [
    warning(
      subject,
      `the server cannot tell of ${untold.join(", ")}`,
      "compare SHOW GRANTS with scripts/grants.sql",
    ),
  ];
  if (missing.length === 0) {
    return untold.length > 0 ? open : [ok(subject, `all ${wanted} that ch-sync needs`)];
  }
  const remedy = (rights: readonly { readonly right: string }[]) =>
    `run at ${url ?? `the ${site} site`}: ${
      rights.map(({ right }) => `GRANT ${right} TO ${quote(user)}`).join("; ")
    }`;
  // Rights without which something merely works less well share a line.
  const lacking = [...Map.groupBy(missing, ({ right, lost }) => lost ?? right)].map(([, rights]) => {
    const names = rights.map(({ right }) => right).join(", ");
    const [{ lost } = { lost: undefined }] = rights;
    return lost === undefined
      ? failed(subject, `has no ${names}`, remedy(rights))
      : warning(subject, `has no ${names}: ${lost}`, remedy(rights));
  });
  return [...lacking, ...open];
}

/** The right for each database that is synced. */
function spelledOut(
  { right, only }: RequiredGrant,
  settings: Settings,
  tables: readonly GrantedTable[],
): string[] {
  if (right.startsWith("NAMED COLLECTION")) {
    return [`NAMED COLLECTION ON ${quote(settings.remoteCollection ?? "")}`];
  }
  if (right.includes("{staging}")) {
    const places = settings.stagingDatabase === null ? databasesOf(tables) : [settings.stagingDatabase];
    return places.map((database) => right.replace("{staging}", () => quote(database)));
  }
  if (right.includes("{results}")) {
    const { database, name } = settings.resultsTable ?? { database: "", name: "" };
    return [right.replace("{results}", () => `${quote(database)}.${quote(name)}`)];
  }
  if (!right.includes("{database}")) return [right];
  if (only) return tables.filter((table) => only(table, settings)).map((table) => onTable(right, table));
  return databasesOf(tables).map((database) => right.replace("{database}", () => quote(database)));
}

function databasesOf(tables: readonly GrantedTable[]): string[] {
  return [...new Set(tables.map(({ id: { database } }) => database))].sort();
}

/** A right on a database may also be granted table by table. */
async function heldPerTable(
  site: Pick<ReadableSite, "hasGrant">,
  { right, perTable }: RequiredGrant,
  spelled: string,
  tables: readonly GrantedTable[],
): Promise<boolean> {
  if (!perTable) return false;
  const own = tables.filter(({ id: { database } }) =>
    right.replace("{database}", () => quote(database)) === spelled
  );
  for (const table of own.slice(0, TABLES_ASKED)) {
    if (!await site.hasGrant(onTable(right, table))) return false;
  }
  return own.length > 0 && own.length <= TABLES_ASKED;
}

function onTable(right: string, { id: { database, name } }: GrantedTable): string {
  return right.replace("{database}.*", () => `${quote(database)}.${quote(name)}`);
}

/** Ordinary names stay as they are: people read and type the statement. */
function quote(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : identifier(name);
}
