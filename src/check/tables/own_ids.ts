/** Identifiers that each site gives its own objects, whatever their definitions are. */

const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** In the name of an inner table, and in the clauses that name a view and its inner tables. */
const OWN = new RegExp(`(\\.inner(?:_id)?\\.(?:\\w+\\.)?)${ID}|(\\bUUID ')${ID}(?=')`, "g");

/** The statement without them; a UUID with which rows are compared stays, as it decides what a view makes of them. */
export function withoutOwnIds(statement: string): string {
  return statement.replace(OWN, "$1$2");
}
