/** Credentials as the client library takes them. */

/** The client encodes credentials with `btoa`, which takes one byte a character: give it the bytes of UTF-8. */
export function latin1(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
