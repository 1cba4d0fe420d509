/** Opening the status page, if the operator wants one. */
import { getLogger } from "@logtape/logtape";
import { isIP } from "node:net";
import type { LiveView } from "./live_view.ts";
import type { MetricsRecorder } from "../metrics/recorder.ts";
import type { Settings } from "../model/settings.ts";
import { serveStatus } from "../status/server.ts";

const log = getLogger(["ch-sync"]);

/** @throws if the address cannot be listened on, in words for an operator */
export async function openStatusServer(
  settings: Settings,
  source: LiveView,
  metrics: MetricsRecorder,
): Promise<AsyncDisposable> {
  const { status } = settings;
  if (status === null) return { async [Symbol.asyncDispose]() {} };
  const { hostname, port, hosts, user, password, tls } = status;
  const address = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  const server = await serveStatus({
    listen: { hostname, port },
    tls,
    hosts,
    login: password === null ? null : { user, password: password.text, hashed: password.hashed },
    // As the settings are now: they may be read again.
    policy: {
      get role() {
        return source.settings.role;
      },
      get failbackCleanChecks() {
        return source.settings.failbackCleanChecks;
      },
      get checkIntervalSeconds() {
        return source.settings.checkIntervalSeconds;
      },
    },
    source,
    metrics: async () => await metrics.render(new Date(), await source.paused() !== null),
    onError: (text) => log.error("{text}", { text }),
    onWrongPassword: (from) =>
      log.warn("{text}", { text: `A wrong password for the status page came from ${from}` }),
  }).catch((error) => {
    throw new Error(
      `Cannot serve the status page at ${address}: ${error.message}; set STATUS_LISTEN to an address of this machine ` +
        "and a port that is free; if another ch-sync serves it, one is enough",
    );
  });
  log.info("Status page: {scheme}://{address}/", {
    scheme: tls ? "https" : "http",
    address: address.replace(/:0$/, `:${server.port}`),
  });
  if (password === null && !isLoopback(hostname)) {
    log.warn("{text}", {
      text:
        `Whoever reaches ${address} may read the status page, names of tables included: set STATUS_PASSWORD_FILE, ` +
        "or let STATUS_LISTEN be 127.0.0.1 behind a proxy",
    });
  }
  if (password !== null && tls === null && !isLoopback(hostname)) {
    log.warn("{text}", {
      text:
        `The password of the status page crosses the network readable by all on the way to ${address}: set ` +
        "STATUS_CERT_FILE and STATUS_KEY_FILE, or let STATUS_LISTEN be 127.0.0.1 behind a proxy with TLS",
    });
  }
  return { [Symbol.asyncDispose]: () => server.close() };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || hostname.startsWith("127.");
}
