/** Two installations at the same target: only one of them brings rows into a partition at a time, also of several together. */
import { markName } from "../../model/staging.ts";
import type { TableId } from "../../model/table.ts";
import { hasGrant } from "../catalog/preflight.ts";
import type { Connection } from "../http/connection.ts";
import { DROP_ANY_SIZE } from "../sql/remote_options.ts";
import { anyOf, type Batch, dropMarks, markTables, NULL_RIGHT } from "./batch_statements.ts";
import { decodeClaim, listMarks } from "./leftover_statements.ts";

/**
 * Marks on several partitions. As with a single one, all are made before it is looked for those of others, so that of two
 * ch-sync at least one sees the other.
 */
export class ClaimTogether {
  readonly #connection: Connection;
  readonly #staging: TableId;
  readonly #batch: Batch;

  constructor(connection: Connection, staging: TableId, batch: Batch) {
    this.#connection = connection;
    this.#staging = staging;
    this.#batch = batch;
  }

  /** @returns the partitions that another one claims, whose marks are taken back @throws {SiteError} */
  async make(): Promise<Set<string>> {
    const mayBeNull = await hasGrant(this.#connection, NULL_RIGHT) === true;
    const since = new Date().toISOString();
    const marks = this.#batch.map(({ pair, partitionId }, at) => ({
      mark: this.#mark(at),
      comment: JSON.stringify({ table: pair.name, partition: partitionId, since, attach: true }),
    }));
    const made = markTables(marks, mayBeNull, this.#connection.oldVersion)
      .map((statement) => this.#connection.command(statement));
    const failed = (await Promise.allSettled(made)).find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    const rows = await this.#connection.rows<{ name: string; comment: string }>(listMarks(this.#staging));
    const claims = rows.filter(({ name }) => !name.startsWith(markName(this.#staging.name, 0).slice(0, -1)))
      .map(({ comment }) => decodeClaim(comment));
    const table = anyOf(this.#batch).pair.name;
    const others = new Set(claims.flatMap((claim) => claim?.table === table ? claim.partition : []));
    await this.#drop((partitionId) => others.has(partitionId));
    return others;
  }

  /**
   * Takes marks back: once the staging table is gone, nothing comes from it any more.
   *
   * @param which of the partitions; default: all
   */
  async end(which: (partitionId: string) => boolean = () => true): Promise<void> {
    await this.#drop(which);
  }

  async #drop(which: (partitionId: string) => boolean): Promise<void> {
    const marks = this.#batch.flatMap(({ partitionId }, at) => which(partitionId) ? [this.#mark(at)] : []);
    const drop = (statements: readonly string[]) =>
      Promise.allSettled(statements.map((one) => this.#connection.command(one, DROP_ANY_SIZE)));
    const dropped = await drop(dropMarks(marks, this.#connection.oldVersion));
    // One that cannot be dropped leaves the others of its statement. What is left behind is dropped by the next check.
    if (dropped.length < marks.length && dropped.some(({ status }) => status === "rejected")) {
      await drop(marks.flatMap((mark) => dropMarks([mark], null)));
    }
  }

  #mark(at: number): TableId {
    return { ...this.#staging, name: markName(this.#staging.name, at) };
  }
}
