/**
 * What ch-sync tells systemd: that it is ready, its status, and that it is alive. The protocol is sd_notify(3): datagrams
 * of NAME=value lines to the socket that `NOTIFY_SOCKET` names.
 */

/** What ch-sync can tell systemd. Nothing here throws or waits: without systemd, nothing happens. */
export interface ServiceManager extends Disposable {
  /** The service is up: units ordered after it may start. */
  ready(): void;
  /** The line that `systemctl status` shows. */
  status(line: string): void;
  /** It is shutting down. */
  stopping(): void;
}

/** The part of the environment that systemd sets. */
interface SystemdEnvironment {
  /** Path of a socket; absent: nobody listens. */
  readonly NOTIFY_SOCKET?: string;
  /** Microseconds within which a sign of life must come. */
  readonly WATCHDOG_USEC?: string;
  /** The process from which it must come. */
  readonly WATCHDOG_PID?: string;
}

/** Signs of life are sent twice in that time, as sd_watchdog_enabled(3) advises. */
const SIGNS_PER_WATCHDOG = 2;

/**
 * Begins to send signs of life if systemd asks for them.
 *
 * @param directory where the sending socket has a name while it is being opened: Deno cannot open one without a name
 * @param warn is called once if systemd asks for notifications and cannot get them
 */
export async function openServiceManager(
  environment: SystemdEnvironment,
  directory: string,
  warn: (text: string) => void,
): Promise<ServiceManager> {
  const path = environment.NOTIFY_SOCKET;
  const socket = path ? await openSocket(path, directory, warn) : null;
  // One after the other: Deno refuses a second one while the socket is busy with the first.
  let sent: Promise<unknown> = Promise.resolve();
  const send = (text: string) => {
    if (!socket || !path) return;
    const datagram = new TextEncoder().encode(text);
    sent = sent.then(() => socket.send(datagram, { transport: "unixpacket", path })).catch(() => {});
  };
  const every = watchdogMilliseconds(environment) / SIGNS_PER_WATCHDOG;
  const timer = socket && every > 0 ? setInterval(() => send("WATCHDOG=1"), every) : undefined;
  return {
    ready: () => send("READY=1"),
    status: (line) => send(`STATUS=${line.replace(/\s+/g, " ")}`),
    stopping: () => send("STOPPING=1"),
    [Symbol.dispose]() {
      clearInterval(timer);
      socket?.close();
    },
  };
}

async function openSocket(
  path: string,
  directory: string,
  warn: (text: string) => void,
): Promise<Deno.DatagramConn | null> {
  const own = `${directory}/notify-${Deno.pid}`;
  try {
    if (!path.startsWith("/")) throw new Error(`NOTIFY_SOCKET=${path} is not the path of a file`);
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
    // Nobody answers to it, so the name is no longer needed.
    await Deno.remove(own);
    return socket;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    warn(
      `systemd cannot be notified: ${why}. Set Type=exec and no WatchdogSec in the unit, or it ends ch-sync`,
    );
    return null;
  }
}

function watchdogMilliseconds({ WATCHDOG_USEC, WATCHDOG_PID }: SystemdEnvironment): number {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(Deno.pid)) return 0;
  const microseconds = Number(WATCHDOG_USEC ?? 0);
  return Number.isFinite(microseconds) ? microseconds / 1000 : 0;
}
