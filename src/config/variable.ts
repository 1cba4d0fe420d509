/** What is known of a variable of the configuration. */

export interface Variable {
  readonly name: string;
  /** As an operator would write it; null: none. */
  readonly default: string | null;
  readonly meaning: string;
  /** In words, for mistakes. */
  readonly accepts: string;
  readonly required?: true;
  /** Never shown. */
  readonly secret?: true;
}

export function required(name: string, meaning: string, accepts: string): Variable {
  return { name, default: null, meaning, accepts, required: true };
}

export function optional(name: string, value: string | null, meaning: string, accepts: string): Variable {
  return { name, default: value, meaning, accepts };
}
