/**
 * Whose certificate the native port shows. The local server, which connects there, checks the authority but not the name,
 * unless its own configuration says so (`extendedVerification`); this connection checks both.
 */
import type { NativeAddress, TlsSettings } from "../../model/settings.ts";
import { certificateProblem, isExpired } from "./certificate_problem.ts";
import { connectionProblem } from "./errors.ts";

export type NativeCertificate =
  | { readonly kind: "fits" }
  | { readonly kind: "other_name"; readonly problem: string }
  | { readonly kind: "expired" }
  /** It could not be seen, or is refused for another reason. */
  | { readonly kind: "unknown"; readonly problem: string };

/**
 * Connects once, sends nothing, and hangs up. Never throws.
 *
 * @param timeoutMs milliseconds for the handshake
 */
export async function lookAtNativeCertificate(
  { host, port }: NativeAddress,
  { authorities, client }: TlsSettings,
  timeoutMs: number,
): Promise<NativeCertificate> {
  const own = client ? { cert: client.certificate, key: client.key } : {};
  const shaken = (async () => {
    using connection = await Deno.connectTls({ hostname: host, port, caCerts: [...authorities], ...own });
    await connection.handshake();
  })();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("Timeout: connect timed out")), timeoutMs);
  });
  try {
    await Promise.race([shaken, late]);
    return { kind: "fits" };
  } catch (error) {
    shaken.catch(() => {}); // it may still fail
    const text = error instanceof Error ? error.message : String(error);
    if (/not valid for name|NotValidForName/i.test(text)) return { kind: "other_name", problem: text };
    if (isExpired(text)) return { kind: "expired" };
    return { kind: "unknown", problem: certificateProblem(text) ?? connectionProblem(error) };
  } finally {
    clearTimeout(timer);
  }
}
