/** How texts name servers that are not read. */

/** Servers that are named; of the others their number is told. */
const NAMED = 3;

export function namedServers(servers: readonly string[]): string {
  const more = servers.length > NAMED ? ` and ${servers.length - NAMED} more` : "";
  return `${servers.length === 1 ? "server" : "servers"} ${servers.slice(0, NAMED).join(", ")}${more}`;
}
