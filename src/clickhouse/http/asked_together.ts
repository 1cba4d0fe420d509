/** Questions that several ask at the same time are sent once: repairs beside each other look at the same server. */
import type { Connection } from "./connection.ts";

/** The statements that run, and those that wait for them to end. */
interface Asked {
  running: Promise<unknown>;
  next: Promise<unknown[]> | null;
}

const asked = new WeakMap<Connection, Map<string, Asked>>();

/**
 * The rows of a SELECT, as `Connection.rows` returns them. Whoever asks while the same statement runs waits for its end and shares
 * the one after it with all who came meanwhile: so each answer is younger than its question, as if everybody had asked alone.
 */
export function askTogether<Row>(connection: Connection, statement: string): Promise<Row[]> {
  const statements = asked.get(connection) ?? new Map<string, Asked>();
  asked.set(connection, statements);
  const known = statements.get(statement);
  if (!known) {
    const sent = connection.rows<Row>(statement);
    follow(statements, statement, sent);
    return sent;
  }
  known.next ??= known.running.then(() => {
    const sent = connection.rows<unknown>(statement);
    follow(statements, statement, sent);
    return sent;
  });
  return known.next as Promise<Row[]>;
}

/** Notes what runs; once nobody waits for its end, it is forgotten. */
function follow(statements: Map<string, Asked>, statement: string, sent: Promise<unknown>): void {
  const ended = () => {
    if (statements.get(statement) === entry && entry.next === null) statements.delete(statement);
  };
  const entry: Asked = { running: sent.then(ended, ended), next: null };
  statements.set(statement, entry);
}
