/** How both ClickHouse servers are reached over HTTP and HTTPS. */
import type { TlsSettings } from "../../model/settings.ts";

export interface HttpAccess extends Disposable {
  readonly fetch: typeof fetch;
}

/**
 * Trusts the CA certificates of `CA_FILE` besides the well-known ones, and shows the client certificate to a server that
 * asks for one. With neither, it is the plain `fetch`.
 */
export function openHttpAccess({ authorities, client }: TlsSettings): HttpAccess {
  if (authorities.length === 0 && client === null) return { fetch, [Symbol.dispose]() {} };
  const own = Deno.createHttpClient({
    caCerts: [...authorities],
    ...(client ? { cert: client.certificate, key: client.key } : {}),
  });
  return {
    fetch: (input, init) => fetch(input, { ...init, client: own }),
    [Symbol.dispose]: () => own.close(),
  };
}
