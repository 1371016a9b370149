/** Opens sockets towards engines, plain or TLS, all of which read into one buffer. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BOUNDS } from "../bounds.ts";

/** Where a line leads. */
export interface Destination {
  readonly secure: boolean;
  /** Name or address, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** What stands in the `host` header. */
  readonly host: string;
}

/** @throws TypeError when it is no absolute http(s) URL, or carries a name and password */
export function destinationOf(url: URL): Destination {
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("a backend is reached over http or https");
  const secure = url.protocol === "https:";
  const hostname = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  return { secure, hostname, port: Number(url.port || (secure ? 443 : 80)), host: url.host };
}

/**
 * One buffer for all connections of the process: a socket is read and its bytes are taken within one call, before another is read. Without
 * it every read of every socket makes 64 KiB of garbage.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(BOUNDS.socketReadBytesMax);

/** Sessions of TLS to one destination, so that a reconnect need not begin from nothing. */
export class TlsSessions {
  last: Buffer | undefined;
}

/** @param read is given each read's bytes, which it must copy before it returns */
export function dial(to: Destination, read: (bytes: Buffer) => void, sessions: TlsSessions): Socket {
  const { hostname: host, port } = to;
  const onread = { buffer: READ_BUFFER, callback: (length: number) => (read(READ_BUFFER.subarray(0, length)), true) };
  const common = { host, port, onread, noDelay: true, keepAlive: true, keepAliveInitialDelay: BOUNDS.socketKeepAliveMs };
  if (!to.secure) return connect(common);
  const named = isIP(host) === 0 ? { servername: host } : {};
  const session = sessions.last === undefined ? {} : { session: sessions.last };
  const socket = connectTls({ ...common, ...named, ...session, ALPNProtocols: ["http/1.1"] });
  socket.on("session", (fresh: Buffer) => {
    sessions.last = fresh;
  });
  return socket;
}
