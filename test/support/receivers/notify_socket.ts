/** The socket at which systemd listens to a service. */

export interface NotifySocket extends Disposable {
  /** For `NOTIFY_SOCKET`. */
  readonly path: string;
  /** The next datagram. */
  receive(): Promise<string>;
}

export function startNotifySocket(directory: string): NotifySocket {
  const path = `${directory}/systemd`;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  return {
    path,
    async receive() {
      const [bytes] = await socket.receive();
      return new TextDecoder().decode(bytes);
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
