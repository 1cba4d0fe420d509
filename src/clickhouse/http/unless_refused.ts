/** Statements that a server may well refuse, which is an answer too. */
import { isAnswer } from "./errors.ts";

/**
 * What the server answers; null where it refuses the statement.
 *
 * @param codes ClickHouse's numbers of the refusals that are meant; absent: all
 * @throws {SiteError} of any other error, and where no answer came
 */
export async function unlessRefused<T>(answer: Promise<T>, codes?: ReadonlySet<number>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAnswer(error) && (codes?.has(error.code) ?? true)) return null;
    throw error;
  }
}
