/**
 * HTTP connections of the status page, on a budget: so many at a time, each for one request, and none for long. Whoever
 * opens hundreds and says nothing takes the page from others for seconds at most, and nothing from the checks.
 */
import { parseHead } from "./http_head.ts";
import { type AnsweredRequest, formatAnswer, REFUSALS } from "./http_answer.ts";

export interface ConnectionsOptions {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Null: plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** @param from the address of the client */
  readonly answer: (request: Request, from: string) => Promise<Response>;
  /** Hears when no connection can be accepted. */
  readonly onTrouble: (text: string) => void;
}

export interface Connections {
  readonly port: number;
  close(): Promise<void>;
}

/** Each takes an open file. Far below what a process may have, and far above what browsers and Prometheus need. */
const MOST = 64;
/** Bytes of a request, and milliseconds for it, the TLS handshake included. */
const HEAD_BYTES = 16 * 1024;
const HEAD_MS = 10_000;
/** Milliseconds for making the answer, and for the client to take it. */
const ANSWER_MS = 30_000;
/** Milliseconds, and bytes, that are read on after the answer: closed over unread bytes, it might never arrive. */
const LINGER_MS = 500;
const LINGER_BYTES = 64 * 1024;
/** Milliseconds before it is tried again where no connection can be accepted. */
const RETRY_MS = 100;
/** Milliseconds that answers under way have before the process ends: who never reads must not hold it up. */
const CLOSE_MS = 300;

interface Open {
  readonly connection: Deno.Conn;
  /** Whether its request is here and its answer is not yet all there. */
  answering: boolean;
}

/** @throws if the address cannot be listened on */
export function serveConnections({ listen, tls, answer, onTrouble }: ConnectionsOptions): Connections {
  const listener: Deno.Listener = tls
    ? Deno.listenTls({ ...listen, cert: tls.certificate, key: tls.key })
    : Deno.listen(listen);
  const scheme = tls ? "https" : "http";
  // The oldest first.
  const open = new Set<Open>();
  let closed = false;

  /** Makes room: those that have said nothing for longest go first. */
  function shed(count: number): boolean {
    const idle = [...open].filter(({ answering }) => !answering).slice(0, count);
    idle.forEach(end);
    return idle.length > 0;
  }

  function end(one: Open): void {
    open.delete(one);
    hangUp(one.connection);
  }

  async function accept(): Promise<void> {
    for (let troubled = false; !closed;) {
      try {
        const connection = await listener.accept();
        troubled = false;
        if (open.size < MOST || shed(1)) void serve({ connection, answering: false });
        else hangUp(connection);
      } catch (error) {
        if (closed) return;
        // The client has gone already.
        if (error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.ConnectionReset) {
          continue;
        }
        if (!troubled) onTrouble(error instanceof Error ? error.message : String(error));
        troubled = true;
        shed(MOST / 2);
        await new Promise((later) => setTimeout(later, RETRY_MS));
      }
    }
  }

  async function serve(one: Open): Promise<void> {
    open.add(one);
    const { connection } = one;
    let timer = setTimeout(() => end(one), HEAD_MS);
    const allow = (milliseconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => end(one), milliseconds);
    };
    try {
      const head = await readHead(connection);
      if (head === null) return;
      one.answering = true;
      allow(ANSWER_MS);
      const from = (connection.remoteAddr as Deno.NetAddr).hostname;
      const request = head === 431 ? head : parseHead(head, scheme);
      const [response, asked]: [Response, AnsweredRequest] = request instanceof Request
        ? [await answer(request, from), request]
        : [new Response(REFUSALS[request], { status: request }), { method: "GET", headers: new Headers() }];
      await writeAll(connection, await formatAnswer(response, asked));
      one.answering = false;
      allow(LINGER_MS);
      await connection.closeWrite();
      await drain(connection);
    } catch {
      // The client hung up, or was hung up on.
    } finally {
      clearTimeout(timer);
      end(one);
    }
  }

  const accepting = accept();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async close() {
      closed = true;
      listener.close();
      shed(MOST);
      const until = performance.now() + CLOSE_MS;
      while ([...open].some(({ answering }) => answering) && performance.now() < until) {
        await new Promise((soon) => setTimeout(soon, 10));
      }
      [...open].forEach(end);
      await accepting;
    },
  };
}

/** The bytes up to the empty line, as text; 431: it is too long; null: none came. */
async function readHead(connection: Deno.Conn): Promise<string | 431 | null> {
  const bytes = new Uint8Array(HEAD_BYTES);
  let text = "";
  for (let length = 0; length < bytes.length;) {
    const read = await connection.read(bytes.subarray(length));
    if (read === null) return null;
    text += String.fromCharCode(...bytes.subarray(length, length + read));
    length += read;
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return text.slice(0, end);
  }
  return 431;
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

async function drain(connection: Deno.Conn): Promise<void> {
  const rest = new Uint8Array(HEAD_BYTES);
  for (let bytes = 0; bytes < LINGER_BYTES;) {
    const read = await connection.read(rest);
    if (read === null) return;
    bytes += read;
  }
}

function hangUp(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
