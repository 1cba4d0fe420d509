/** Whether the server at the native port shows a certificate for that name. */
import type { NativeCertificate } from "../clickhouse/http/native_certificate.ts";
import type { Examination } from "../model/examination.ts";
import type { Settings } from "../model/settings.ts";
import { ok, skipped, warning } from "./graded.ts";

const SUBJECT = "native certificate";
/** No answer of a server tells whether this is set. */
const VERIFY =
  "<extendedVerification>true</extendedVerification> in the local server's configuration (openSSL, client)";

/**
 * Nothing without TLS.
 *
 * @param look connects from this machine, independently of the local server
 * @param variable holds the host
 */
export async function examineCertificate(
  { remoteNative, remoteCollection }: Pick<Settings, "remoteNative" | "remoteCollection">,
  look: () => Promise<NativeCertificate>,
  variable: "REMOTE_CH_HOST" | "LOCAL_CH_HOST" = "REMOTE_CH_HOST",
): Promise<Examination[]> {
  const { host, port, secure } = remoteNative;
  if (!secure) return [];
  if (remoteCollection !== null) {
    return [
      skipped(SUBJECT, `its address is in ${remoteCollection}; the name is checked only with ${VERIFY}`),
    ];
  }
  const seen = await look();
  switch (seen.kind) {
    case "fits":
      return [
        ok(
          SUBJECT,
          `${host}:${port} shows one for ${host}; the local server checks the name only with ${VERIFY}`,
        ),
      ];
    case "other_name":
      return [
        warning(
          SUBJECT,
          `${host}:${port} shows one for another name, which the local server accepts all the same: ${seen.problem}`,
          `give that server one for ${host}, or set ${variable} to a name that it is for; then set ${VERIFY}`,
        ),
      ];
    case "expired":
      return [
        warning(
          SUBJECT,
          `that of ${host}:${port} has expired; the local server refuses it, unless its configuration verifies none`,
          "renew it at that server, or set the clock of this machine right",
        ),
      ];
    case "unknown":
      return [
        skipped(
          SUBJECT,
          `${host}:${port} from this machine: ${seen.problem}; the local server checks the name only with ${VERIFY}`,
        ),
      ];
  }
}
