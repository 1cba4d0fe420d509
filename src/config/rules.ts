/** Rules about several settings. Each of them was read; `undefined` stands for one that was wrong. */
import { isIP } from "node:net";
import { isExcluded } from "../check/tables/select_tables.ts";
import { belongs, type Certificates, wrongKey } from "./kinds/files.ts";
import { type BrokenRule, replicaRules } from "./replica_rules.ts";
import type { Name, Values } from "./table/table.ts";
import { canonicalIp } from "../text/canonical_ip.ts";

/** Every rule that is broken, by the setting to change. Settings that were wrong by themselves break no rule. */
export function brokenRules(values: Partial<Values>): BrokenRule[] {
  return [
    ...replicaRules(values),
    ...siteAddresses(values),
    ...ignoredTimes(values),
    ...onePassword("LOCAL_CH_PASSWORD", values),
    ...onePassword("REMOTE_CH_PASSWORD", values),
    ...onePassword("DRILL_PASSWORD", values),
    ...drillUser(values),
    ...keyWithCertificate("CLIENT_CERT_FILE", "CLIENT_KEY_FILE", values),
    ...keyWithCertificate("STATUS_CERT_FILE", "STATUS_KEY_FILE", values),
  ];
}

/** A time by which rows settle tells them apart. Of other columns only their tables tell. */
function ignoredTimes({ IGNORE_COLUMNS: ignored, TIME_COLUMNS: times }: Partial<Values>): BrokenRule[] {
  const both = (times ?? []).filter(({ pattern, unit }) =>
    unit !== "none" && (ignored ?? []).some((glob) => glob === pattern || matches(pattern, glob))
  );
  return both.map(({ pattern }) => ({
    name: "IGNORE_COLUMNS",
    problem: `must not match ${pattern}, by which TIME_COLUMNS lets rows settle`,
  }));
}

/** Whether a pattern without wildcards is one of those that the glob stands for. */
function matches(pattern: string, glob: string): boolean {
  return !/[*?]/.test(pattern) && isExcluded(pattern, [glob]);
}

/** Both of one family: ch-sync asks either A or AAAA. */
function siteAddresses({ PRIMARY_IP: primary, DR_IP: dr }: Partial<Values>): BrokenRule[] {
  if (primary === undefined || dr === undefined) return [];
  if (isIP(primary) !== isIP(dr)) {
    return [{ name: "DR_IP", problem: "must be of the same family as PRIMARY_IP" }];
  }
  return canonicalIp(primary) === canonicalIp(dr)
    ? [{ name: "DR_IP", problem: "must not be the same as PRIMARY_IP" }]
    : [];
}

type PasswordName = "LOCAL_CH_PASSWORD" | "REMOTE_CH_PASSWORD" | "DRILL_PASSWORD";

/** The password of a setting and its file; none: the empty one. An empty file holds none. */
export function passwordOf(name: PasswordName, values: Partial<Values>): string {
  return values[`${name}_FILE`] || values[name] || "";
}

function onePassword(name: PasswordName, values: Partial<Values>): BrokenRule[] {
  const file = `${name}_FILE` as const;
  if (!values[name] || !values[file]) return [];
  return [{ name: file, problem: `is set together with ${name}: keep one of them` }];
}

function drillUser(values: Partial<Values>): BrokenRule[] {
  if (values.DRILL_USER !== null || passwordOf("DRILL_PASSWORD", values) === "") return [];
  return [{ name: "DRILL_USER", problem: "is required with DRILL_PASSWORD" }];
}

type CertificateName = { [N in Name]: Values[N] extends Certificates | null ? N : never }[Name];

/** Both or neither, and the key that of the first certificate. */
function keyWithCertificate(
  certificate: CertificateName,
  key: Name & `${string}_KEY_FILE`,
  values: Partial<Values>,
): BrokenRule[] {
  const [shown, own] = [values[certificate], values[key]];
  if (shown !== null && own === null) return [{ name: key, problem: `is required with ${certificate}` }];
  if (shown === null && own !== null) return [{ name: certificate, problem: `is required with ${key}` }];
  if (!shown || !own || belongs(own, shown.each[0]!)) return [];
  return [{ name: key, problem: wrongKey(certificate) }];
}
