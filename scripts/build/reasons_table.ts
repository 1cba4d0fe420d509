/** The tables of reasons in the docs, and their names in the schemas. */
import { CAUSES } from "../../src/model/cause.ts";
import { ALL_REASONS, consequence, type Reason } from "../../src/model/reason.ts";

const REMEDIES = { repaired: "now", later: "later", never: "no" } as const;

export function reasonsTable(): string {
  const rows = ALL_REASONS.map((reason) => {
    const { meaning, remedy, clean, instead } = consequence(reason);
    const cleanWhen = !clean ? "no" : remedy === "repaired" ? "once repaired" : "yes";
    const passes = causesOf(reason).map(([, { instead }]) => instead === null);
    const accept = passes.length > 0 && new Set(passes).size > 1
      ? "some, see below"
      : (passes[0] ?? instead === null)
      ? "passes it"
      : `no: ${instead}`;
    return `| \`${reason}\` | ${meaning} | ${REMEDIES[remedy]} | ${cleanWhen} | ${accept} |`;
  });
  return ["| reason | meaning | repaired | clean | `--accept` |", "|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

export function causesTable(): string {
  const rows = ALL_REASONS.flatMap((reason) =>
    causesOf(reason).map(([cause, { meaning, instead }]) =>
      `| \`${reason}\` | \`${cause}\` | ${meaning} | ${instead === null ? "passes it" : `no: ${instead}`} |`
    )
  );
  return ["| reason | cause | meaning | `--accept` |", "|---|---|---|---|", ...rows].join("\n");
}

function causesOf(reason: Reason) {
  return Object.entries(CAUSES).filter(([, cause]) => cause.reason === reason);
}

/** A schema with the names of all reasons and causes where it lists them. */
export function withReasons(schema: string): string {
  const value = JSON.parse(schema, (name, value) => {
    if (name !== "properties" || value.reason === undefined || value.cause === undefined) return value;
    const causes = [...ALL_REASONS, ...Object.keys(CAUSES)];
    return { ...value, reason: { enum: ALL_REASONS }, cause: { ...value.cause, enum: causes } };
  });
  return `${JSON.stringify(value, null, 2)}\n`;
}
