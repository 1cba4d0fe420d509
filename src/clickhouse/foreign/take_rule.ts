/** A rule of a TTL, as its site wrote it and as any server may be asked to apply it. */
import type { WrittenRule } from "../../model/expiry_rule.ts";
import type { DeleteTtl } from "../../model/scope.ts";
import { takeExpression } from "./expression.ts";
import { Untaken } from "./tokens.ts";

export function writtenRule(written: DeleteTtl): WrittenRule {
  try {
    const expression = takeExpression(written.expression, "steady");
    const where = written.where === null ? null : takeExpression(written.where, "steady");
    return { written, plain: { expression, where }, untaken: null };
  } catch (error) {
    if (!(error instanceof Untaken)) throw error;
    return { written, plain: null, untaken: error.message };
  }
}
