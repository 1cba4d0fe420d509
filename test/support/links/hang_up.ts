/** Closes a connection, whichever end has closed it before. */
export function hangUp(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
