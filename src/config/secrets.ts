/** What must never be printed. */
import type { Endpoint, Settings } from "../model/settings.ts";
import type { Environment } from "./read_values.ts";
import { SETTINGS } from "./table/table.ts";

/** Those in the environment itself: known before the configuration is read, and even if it never is. */
export function secretsInEnvironment(environment: Environment): string[] {
  return SETTINGS.flatMap(({ name, secret }) => secret ? environment[name]?.trim() || [] : []);
}

/** All of them. */
export function secretsOf(
  { local, remote, drill, webhookUrl, heartbeatUrl, tls, status }: Settings,
): string[] {
  return [
    ...credentials(local),
    ...credentials(remote),
    ...(drill ? credentials(drill) : []),
    webhookUrl ?? "",
    heartbeatUrl ?? "",
    tls.client?.key ?? "",
    ...(status?.password ? credentials({ ...status, password: status.password.text }) : []),
    status?.tls?.key ?? "",
  ];
}

/** The password, and what HTTP sends in base64: with the user's name before it. */
function credentials({ user, password }: Pick<Endpoint, "user" | "password">): string[] {
  return password === "" ? [] : [`${user}:${password}`, password];
}
