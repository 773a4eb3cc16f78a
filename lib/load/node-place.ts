/** A place whose connections are Node's: for TLS, and where system calls are out of reach (system-calls.ts). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { isIP, Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Place } from './place.ts';

/** Reads of all connections in the clear land here: each is consumed before the next one can happen. */
const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024);
const nothing = Buffer.alloc(0);

/** A socket that keeps its port when it fails: the port is gone by the time `error` is emitted. */
class PortKeeper extends Socket {
  portAtEnd = 0;

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (error !== null) this.portAtEnd = this.localPort ?? 0;
    super._destroy(error, callback);
  }
}

export class NodePlace extends Place {
  #socket: PortKeeper | undefined;
  #secure: TLSSocket | undefined;
  #udp: UdpSocket | undefined;
  #certificateName: string | undefined;

  override get localPort(): number {
    return this.#udp === undefined ? (this.#socket?.localPort ?? 0) : udpPort(this.#udp);
  }

  protected override get certificateName(): string | undefined {
    return this.#certificateName;
  }

  protected override connect(source: string | undefined, nowMs: number): void {
    if (this.plan.transport === 'udp') {
      this.#bindUdp(source, nowMs);
      return;
    }
    const secure = this.plan.transport === 'tls';
    const socket: PortKeeper = new PortKeeper({
      // Half-open, because the answer to the server's FIN is to destroy: one system call less.
      allowHalfOpen: true,
      ...(secure
        ? {}
        : {
            onread: {
              buffer: sharedBuffer,
              callback: (length: number) => {
                if (this.#socket !== socket) return false;
                this.onData(sharedBuffer, length, performance.now());
                return true;
              },
            },
          }),
    });
    this.#socket = socket;
    // Events of a connection that was given up must not reach the one that follows it.
    const live = () => this.#socket === socket;
    socket.on('connect', () => {
      if (!live()) return;
      this.onConnected(performance.now());
      if (secure && live()) this.#startTls(socket);
    });
    socket.on('end', () => {
      if (live() && !secure) this.#ended(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (live()) this.onError(error.code, error.message, performance.now(), socket.portAtEnd);
    });
    const { host, port } = this.plan;
    socket.connect({ host, port, autoSelectFamily: false, ...(source === undefined ? {} : { localAddress: source }) });
  }

  protected override write(bytes: Buffer): void {
    if (this.#udp !== undefined) {
      const udp = this.#udp;
      udp.send(bytes, (error) => {
        if (error !== null && this.#udp === udp)
          this.onError((error as NodeJS.ErrnoException).code, error.message, performance.now());
      });
    } else (this.#secure ?? this.#socket)?.write(bytes);
  }

  protected override disconnect(): void {
    const [socket, secure, udp] = [this.#socket, this.#secure, this.#udp];
    this.#socket = undefined;
    this.#secure = undefined;
    this.#udp = undefined;
    secure?.destroy();
    socket?.destroy();
    udp?.close();
  }

  #ended(socket: PortKeeper): void {
    if (!this.cutShort) {
      this.onEnd(performance.now());
      return;
    }
    // libuv reports a reset that comes with the last data as an end. An empty write tells them apart: it sends
    // nothing, and fails (`error` is emitted) after a reset.
    socket.write(nothing, (error) => {
      if (!error && this.#socket === socket) this.onEnd(performance.now());
    });
  }

  #startTls(socket: PortKeeper): void {
    const { serverName } = this.plan;
    this.#certificateName = undefined;
    // Who signed the certificate is not what a load asks; every handshake is a whole one, as of clients that are new.
    const secure = connectTls({
      socket,
      rejectUnauthorized: false,
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    this.#secure = secure;
    const live = () => this.#secure === secure;
    secure.on('secureConnect', () => {
      if (!live()) return;
      if (this.plan.nameInCertificate) this.#certificateName = commonName(secure);
      this.onSecured(performance.now());
    });
    secure.on('data', (bytes: Buffer) => {
      if (live()) this.onData(bytes, bytes.length, performance.now());
    });
    secure.on('end', () => {
      if (live()) this.onEnd(performance.now());
    });
    secure.on('error', (error: NodeJS.ErrnoException) => {
      if (live()) this.onError(error.code, error.message, performance.now());
    });
    secure.on('close', () => {
      if (live()) this.onEnd(performance.now());
    });
  }

  #bindUdp(source: string | undefined, nowMs: number): void {
    const { host, port } = this.plan;
    const udp = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    this.#udp = udp;
    udp.on('message', (bytes) => {
      if (this.#udp === udp) this.onData(bytes, bytes.length, performance.now());
    });
    udp.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#udp === udp) this.onError(error.code, error.message, performance.now());
    });
    udp.on('connect', () => {
      if (this.#udp === udp) this.onConnected(performance.now());
    });
    try {
      if (source !== undefined) udp.bind({ address: source, exclusive: true });
      udp.connect(port, host);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.onError(code, message, nowMs);
    }
  }
}

function udpPort(socket: UdpSocket): number {
  try {
    return socket.address().port;
  } catch {
    return 0;
  }
}

function commonName(socket: TLSSocket): string | undefined {
  // Undefined, against its type, when there is none.
  const subject = socket.getPeerCertificate().subject as { CN?: string | string[] } | undefined;
  const name = subject?.CN;
  return (typeof name === 'string' ? name : name?.[0])?.slice(0, 100);
}
