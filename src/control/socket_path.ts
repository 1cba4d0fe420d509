/** Where the socket is by which verbs reach the daemon. */
export function socketIn(directory: string): string {
  return `${directory}/ch-sync.sock`;
}
