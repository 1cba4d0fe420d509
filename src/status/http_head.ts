/** The head of an HTTP/1 request, as bytes from a stranger, and the request that it makes. */

/** A line of a header: a name, and a value without control characters. */
// deno-lint-ignore no-control-regex
const FIELD = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*$/;
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The request, of which the host of the URL is the one that was asked for, or the status that refuses it. What its body
 * is does not matter: nothing here takes one.
 *
 * @param text up to the empty line that ends the head, without it
 */
export function parseHead(text: string, scheme: "http" | "https"): Request | 400 | 405 | 505 {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, target = "", version = ""] = /^([A-Z]{1,20}) (\S+) HTTP\/(\d\.\d)$/.exec(first) ?? [];
  if (method === undefined) return 400;
  if (version !== "1.1" && version !== "1.0") return 505;
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return 400;
    if (name.toLowerCase() === "host" && headers.has("host")) return 400;
    headers.append(name, value);
  }
  // An old client may name no host, and then it was not led here by a name.
  const host = headers.get("host") ?? (version === "1.0" ? "localhost" : "");
  if (!HOST.test(host)) return 400;
  // As they are asked of a proxy, they hold the host themselves.
  const url = target.startsWith("/") ? `${scheme}://${host}${target}` : target;
  if (!/^https?:\/\/[^/?#@]+\//i.test(url) || !URL.canParse(url)) return 400;
  try {
    return new Request(url, { method, headers });
  } catch {
    return 405; // CONNECT and its like, which no Request can be
  }
}
