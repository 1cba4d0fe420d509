/** A mistake in the configuration, for an operator to fix. */
export interface Mistake {
  readonly variable: string;
  /** As it was set; null: it was not set, or must not be shown. */
  readonly value: string | null;
  /** Continues the variable's name: `must be a port, 1 to 65535`. */
  readonly problem: string;
}

/** `NAME=value must be …`, without a final period. */
export function describeMistake({ variable, value, problem }: Mistake): string {
  return `${variable}${value === null ? "" : `=${value}`} ${problem}`;
}
