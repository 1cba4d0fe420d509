/** What a failed TLS connection means, in words for an operator. */

const EXPIRED = /certificate expired|invalid peer certificate: Expired/i;

/** By what the TLS library says; the first that fits counts. */
const PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [
    /UnknownIssuer/,
    "its certificate is from an authority that is not known here: set CA_FILE to a file with that authority's " +
    "certificate (PEM)",
  ],
  [
    EXPIRED,
    "its certificate has expired: renew it at that server, or set this machine's clock right",
  ],
  [
    /certificate not valid yet|NotValidYet/i,
    "its certificate is not valid yet: set this machine's clock right",
  ],
  [
    /not valid for name|NotValidForName/i,
    "its certificate is for another name: use in the URL a name or an address that the certificate holds",
  ],
  [
    /CaUsedAsEndEntity/,
    "its certificate is an authority's (CA:TRUE): give the server one with CA:FALSE, signed by that authority",
  ],
  [/Revoked/, "its certificate was revoked: give the server a new one"],
  [
    /invalid peer certificate/,
    "its certificate is not accepted: look at it with openssl s_client -showcerts",
  ],
  [
    /received fatal alert: (?:Certificate|BadCertificate|Unknown ?CA|AccessDenied|HandshakeFailure)/i,
    "the server refuses this client: it asks for a certificate; set CLIENT_CERT_FILE and CLIENT_KEY_FILE to one of an " +
    "authority that the server knows",
  ],
  [
    /InvalidContentType|corrupt message/,
    "this port does not speak TLS: use http:// or the HTTPS port (8443)",
  ],
  [/invalid HTTP version/, "this port does not speak HTTP: use https:// or the HTTP port (8123)"],
];

/**
 * The meaning of a failed connection with what to do, and the library's own words behind it; null: TLS is not the
 * problem.
 */
export function certificateProblem(text: string): string | null {
  const [, meaning] = PROBLEMS.find(([pattern]) => pattern.test(text)) ?? [];
  if (meaning === undefined) return null;
  const [, own = text] = /client error \(\w+\): (.*)$/.exec(text) ?? [];
  return `${meaning} (${own})`;
}

export function isExpired(text: string): boolean {
  return EXPIRED.test(text);
}

/** ClickHouse's words where the local server did not accept the certificate of the remote one's native port. */
export function isServersTlsProblem(message: string): boolean {
  return /SSL Exception|Certificate validation error|certificate verify failed|CERTIFICATE_VERIFY_FAILED/i
    .test(message);
}
