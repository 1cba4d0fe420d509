/** The variables of the status page. */
import { optional, type Variable } from "./variable.ts";

export const STATUS_VARIABLES: readonly Variable[] = [
  optional(
    "STATUS_LISTEN",
    "off",
    "Address of the status page, `/metrics`, `/healthz`, `/readyz` and `/state.json`, served by the daemon",
    "off, or HOST:PORT: 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080",
  ),
  optional(
    "STATUS_HOSTS",
    null,
    "Names, separated by commas, by which the page is reached besides `localhost`, the host of `STATUS_LISTEN` and any " +
      "address: those of a proxy, or of this machine. Other names get status 421",
    "host names without port, separated by commas",
  ),
  optional(
    "STATUS_USER",
    "ch-sync",
    "User of the status page, where it has a password",
    "a user name without :",
  ),
  optional(
    "STATUS_PASSWORD_FILE",
    null,
    "File that holds the password of the status page, or its bcrypt hash; none: whoever reaches the address may look",
    "a readable file",
  ),
  optional(
    "STATUS_CERT_FILE",
    null,
    "Certificate (PEM), with its chain, of the status page, which is served by HTTPS then",
    "a readable file",
  ),
  optional("STATUS_KEY_FILE", null, "Private key (PEM) of `STATUS_CERT_FILE`", "a readable file"),
];
