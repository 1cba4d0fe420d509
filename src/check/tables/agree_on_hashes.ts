/** Before the first digest: which types do both servers hash the same way? */
import { type ComparedAs, type HashedAs, isHashedLoosely, type TablePair } from "../../model/table.ts";
import { hashedTypes, typesHashedAlike, withForms } from "./hash_agreement.ts";
import type { Moment } from "../../model/scope.ts";
import { withExpiry } from "./column_expiry.ts";
import type { Discovery } from "./discovery.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ServerFacts } from "../../model/site.ts";

/**
 * What earlier checks of this process found: the form of each type, by both versions and the type. That two servers
 * do not agree on a type at all is not remembered.
 */
export type HashAgreements = Map<string, ComparedAs>;

interface Versions {
  readonly here: Pick<ServerFacts, "version" | "timezone">;
  readonly there: Pick<ServerFacts, "version" | "timezone">;
}

/** What was discovered, with every column in the form in which both servers hash it, and what has expired by now. */
export async function prepareForComparison(
  ports: Pick<CheckPorts, "here" | "there">,
  discovery: Discovery,
  facts: Versions & { readonly moment: Moment },
  known: HashAgreements,
): Promise<Discovery> {
  const expiring = discovery.pairs.map((pair) => withExpiry(pair, facts.moment.now));
  return { ...discovery, pairs: await agreeOnHashes(ports, expiring, facts, known) };
}

/**
 * The pairs with the form in which each column is compared. Both servers hash the same values of all types that are
 * not known yet, in one statement each; those on which they differ, once more with NULL told apart, and by their text.
 */
export async function agreeOnHashes(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pairs: readonly TablePair[],
  versions: Versions,
  known: HashAgreements,
): Promise<TablePair[]> {
  const types = hashedTypes(pairs);
  const { here: serverHere, there: serverThere } = versions;
  const alike = serverHere.timezone === serverThere.timezone;
  const entry = (type: string) => JSON.stringify([serverHere.version, serverThere.version, alike, type]);
  let open = types.filter((type) => !known.has(entry(type)));
  const hashed = new Set<string>();
  for (const as of ["both", "value", "null_apart", "text"] satisfies HashedAs[]) {
    const asked = open.filter((type) => formsOf(type, alike).includes(as));
    if (asked.length === 0) continue;
    const [hashesHere, hashesThere] = await Promise.all([
      here.hashConstants(asked, as),
      there.hashConstants(asked, as),
    ]);
    const agreed = new Set(typesHashedAlike(asked, hashesHere, hashesThere));
    for (const type of agreed) known.set(entry(type), as);
    for (const type of open) if (hashesHere.get(type) ?? hashesThere.get(type)) hashed.add(type);
    open = open.filter((type) => !agreed.has(type));
  }
  const none = (type: string) => hashed.has(type) ? "nothing" : "unhashed";
  const forms = new Map(types.map((type) => [type, known.get(entry(type)) ?? none(type)]));
  return pairs.map((pair) => withForms(pair, forms));
}

/**
 * The forms in which a type may be compared, the best one first.
 *
 * @param zonesAlike whether both servers have one time zone: in texts of such types times stand in that of the server
 */
function formsOf(type: string, zonesAlike: boolean): readonly HashedAs[] {
  if (isHashedLoosely(type) && zonesAlike) return ["both", "text"];
  return type.includes("Nullable(") ? ["value", "null_apart", "text"] : ["value", "text"];
}
