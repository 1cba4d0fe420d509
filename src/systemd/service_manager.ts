/**
 * What ch-sync tells systemd: that it is ready, how it stands, that it is alive. The protocol is sd_notify(3): datagrams
 * of NAME=value lines to the socket that `NOTIFY_SOCKET` names.
 */

/** The side of the conversation that ch-sync holds. Nothing here throws or waits: systemd's absence is no error. */
export interface ServiceManager extends Disposable {
  /** The service is up: what is ordered after it may start. */
  ready(): void;
  /** The line that `systemctl status` shows. */
  status(line: string): void;
  /** It is about to end, as it was told to. */
  stopping(): void;
}

/** The part of the environment that systemd sets. */
interface SystemdEnvironment {
  /** Path of a socket; absent where nobody listens. */
  readonly NOTIFY_SOCKET?: string;
  /** Microseconds within which a sign of life must come. */
  readonly WATCHDOG_USEC?: string;
  /** The process from which it must come. */
  readonly WATCHDOG_PID?: string;
}

/** Signs of life come at half of the time, as sd_watchdog_enabled(3) advises. */
const SIGNS_PER_WATCHDOG = 2;

/**
 * Begins to give signs of life where systemd asks for them.
 *
 * @param directory where the sending socket gets a name for the moment in which it is opened: Deno has no other
 * @param warn is told once if systemd asks for notifications and cannot have them
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
    // Nobody answers: the name has done its service.
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
