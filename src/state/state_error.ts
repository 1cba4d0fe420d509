/** A file beside the state that cannot be read or written, with what to do. */
export class StateError extends Error {
  override readonly name = "StateError";
}
