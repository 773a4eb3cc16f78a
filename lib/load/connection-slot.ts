/** One of the places of a closed loop: it holds one connection at a time, and takes the next request when that has ended. */
import { type OnReadOpts, Socket, type TcpSocketConnectOpts } from 'node:net';
import type { Identification } from '../model/cluster.ts';
import type { ConnectionErrorKind } from '../model/observations.ts';
import { errorKind } from './failure.ts';
import { HttpAnswer } from './http-answer.ts';

/** How long a server that has sent its whole answer may take to close. Then we close first, and the answer still counts. */
const closeGraceMs = 1000;

export interface SlotPlan {
  readonly connect: TcpSocketConnectOpts;
  readonly request: Buffer;
  readonly timeoutMs: number;
  readonly expectStatus: number;
  readonly identifyBy: Identification;
}

export interface SlotEvents {
  connected(elapsedMs: number, nowMs: number, localPort: number): void;
  /** The place is free again when either of these is called. `elapsedMs` is from connect to the last byte. */
  answered(slot: ConnectionSlot, nowMs: number, elapsedMs: number, realServer: string | undefined): void;
  failed(slot: ConnectionSlot, nowMs: number, kind: ConnectionErrorKind, message: string, localPort: number): void;
}

/** Reads of all connections land here: each is consumed before the next one can happen. */
const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024);

const nothing = Buffer.alloc(0);

/** A socket that knows its slot, and keeps its port when it fails: the port is gone by the time `error` is emitted. */
class SlotSocket extends Socket {
  slot: ConnectionSlot | undefined;
  portAtEnd = 0;

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (error !== null) this.portAtEnd = this.localPort ?? 0;
    super._destroy(error, callback);
  }
}

export class ConnectionSlot {
  readonly #plan: SlotPlan;
  readonly #events: SlotEvents;
  readonly #answer: HttpAnswer;
  readonly #options: { readonly onread: OnReadOpts; readonly allowHalfOpen: true };
  #socket: SlotSocket | undefined;
  #begunMs = 0;
  #connectedMs = 0;
  #wholeMs = 0;
  #deadlineMs = 0;

  constructor(plan: SlotPlan, events: SlotEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#answer = new HttpAnswer(plan.expectStatus, plan.identifyBy);
    this.#options = {
      // Half-open, because the answer to the server's FIN is to destroy: one system call less.
      allowHalfOpen: true,
      onread: { buffer: sharedBuffer, callback: (length) => this.#data(length) },
    };
  }

  get busy(): boolean {
    return this.#socket !== undefined;
  }

  /** Begins a connection; the slot must be free. */
  begin(): void {
    this.#answer.reset();
    this.#connectedMs = 0;
    this.#wholeMs = 0;
    const socket = new SlotSocket(this.#options);
    socket.slot = this;
    this.#socket = socket;
    socket.on('connect', onConnect);
    socket.on('end', onEnd);
    socket.on('error', onError);
    this.#begunMs = performance.now();
    this.#deadlineMs = this.#begunMs + this.#plan.timeoutMs;
    socket.connect(this.#plan.connect);
  }

  /** Ends the connection if its time is up. */
  expire(nowMs: number): void {
    if (this.#socket === undefined || nowMs < this.#deadlineMs) return;
    if (this.#wholeMs > 0) this.#finish();
    else if (this.#connectedMs === 0) {
      this.#fail(nowMs, 'connect-timeout', `no SYN-ACK within ${this.#plan.timeoutMs} ms`);
    } else {
      this.#fail(nowMs, 'response-timeout', `connected, no whole answer within ${this.#plan.timeoutMs} ms`);
    }
  }

  /** Ends the connection now, whatever its state. */
  cut(nowMs: number, why: string): void {
    if (this.#socket === undefined) return;
    if (this.#wholeMs > 0) this.#finish();
    else this.#fail(nowMs, 'other', why);
  }

  connected(socket: SlotSocket): void {
    this.#connectedMs = performance.now();
    this.#events.connected(this.#connectedMs - this.#begunMs, this.#connectedMs, socket.localPort ?? 0);
    socket.write(this.#plan.request);
  }

  ended(socket: SlotSocket): void {
    const fault = this.#answer.end();
    if (fault?.kind === 'short-read') {
      // libuv reports a reset that comes with the last data as an end. An empty write tells them apart: it sends
      // nothing, and fails (`error` is emitted) after a reset.
      socket.write(nothing, (error) => {
        if (!error && socket === this.#socket) this.#fail(performance.now(), fault.kind, fault.message);
      });
      return;
    }
    if (this.#wholeMs === 0) this.#wholeMs = performance.now();
    this.#finish();
  }

  errored(error: NodeJS.ErrnoException, localPort: number): void {
    if (this.#wholeMs > 0) this.#finish();
    else {
      const kind = errorKind(error.code, this.#connectedMs > 0);
      this.#fail(performance.now(), kind, error.message, localPort);
    }
  }

  #data(length: number): boolean {
    const socket = this.#socket;
    if (socket === undefined) return false;
    this.#answer.push(sharedBuffer, length);
    if (this.#answer.broken !== undefined) this.#finish();
    else if (this.#answer.whole && this.#wholeMs === 0) {
      // The server closes, so that TIME_WAIT stays on its side and our ports are free at once.
      this.#wholeMs = performance.now();
      this.#deadlineMs = Math.min(this.#deadlineMs, this.#wholeMs + closeGraceMs);
    }
    return true;
  }

  /** The answer has ended one way or another: judge it. */
  #finish(): void {
    const fault = this.#answer.end();
    const nowMs = performance.now();
    if (fault !== undefined) {
      this.#fail(nowMs, fault.kind, fault.message);
      return;
    }
    const realServer = this.#answer.realServer;
    this.#release();
    this.#events.answered(this, nowMs, this.#wholeMs - this.#begunMs, realServer);
  }

  #fail(nowMs: number, kind: ConnectionErrorKind, message: string, port = this.#socket?.localPort ?? 0): void {
    this.#release();
    this.#events.failed(this, nowMs, kind, message, port);
  }

  #release(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    // Events of a connection that was given up must not reach the one that follows it.
    socket.slot = undefined;
    socket.destroy();
  }
}

function onConnect(this: SlotSocket): void {
  this.slot?.connected(this);
}

function onEnd(this: SlotSocket): void {
  this.slot?.ended(this);
}

function onError(this: SlotSocket, error: NodeJS.ErrnoException): void {
  this.slot?.errored(error, this.portAtEnd);
}
