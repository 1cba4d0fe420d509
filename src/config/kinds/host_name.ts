/** Telling host names from typing errors. */

/**
 * Whether a text can be a host name: labels of letters, digits, hyphens and underscores, as resolvers take them. The
 * last label is never a number, so that a mistyped IPv4 address is not taken for a name.
 */
export function isHostName(text: string): boolean {
  const labels = text.replace(/\.$/, "").split(".");
  return text.length <= 253 && labels.every((label) => /^\w[\w-]{0,62}$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1)!);
}
