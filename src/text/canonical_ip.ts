/** One spelling for each IP address. */

/** An IPv6 address has many spellings, but as the host of a URL only one. */
export function canonicalIp(ip: string): string {
  if (!ip.includes(":")) return ip;
  try {
    return new URL(`http://[${ip}]`).hostname;
  } catch {
    return ip;
  }
}
