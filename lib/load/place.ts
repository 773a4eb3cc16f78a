/**
 * One of the places of a load: it holds one connection at a time, and is free again when its request has ended one way or
 * another. What moves the bytes is below it (system-place.ts, node-place.ts); times and verdicts are made here.
 */
import type { ConnectionErrorKind } from '../model/load-result.ts';
import type { Answer } from './answer.ts';
import { errorKind } from './failure.ts';

/** How long a server that has sent its whole answer may take to close. Then we close first, and the answer still counts. */
const closeGraceMs = 1000;

export interface PlacePlan {
  readonly host: string;
  readonly port: number;
  readonly transport: 'tcp' | 'tls' | 'udp';
  /** Source addresses to bind, taken in turn; undefined leaves the choice to the kernel. Never empty. */
  readonly sources: readonly (string | undefined)[];
  /** What is sent; undefined for nothing: the handshake is the answer. */
  readonly request: string | undefined;
  /** The same for the last request of a connection. */
  readonly lastRequest: string | undefined;
  readonly requestsPerConnection: number;
  /** Whether the server closes after the last answer, so that TIME_WAIT is on its side. */
  readonly serverCloses: boolean;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly serverName?: string;
  /** Real servers are told apart by the subject of their certificate. */
  readonly nameInCertificate: boolean;
}

export interface PlaceEvents {
  connected(place: Place, elapsedMs: number, nowMs: number): void;
  secured(elapsedMs: number): void;
  /** The place is free again when either of these is called; its times are still those of the request. */
  answered(place: Place, nowMs: number, realServer: string | undefined): void;
  failed(place: Place, nowMs: number, kind: ConnectionErrorKind, message: string, localPort: number): void;
}

type State = 'closed' | 'connecting' | 'securing' | 'asking' | 'idle';

export abstract class Place {
  protected readonly plan: PlacePlan;
  protected readonly events: PlaceEvents;
  readonly #answer: Answer;
  readonly #request: Buffer | undefined;
  readonly #lastRequest: Buffer | undefined;
  #state: State = 'closed';
  #connectBegunMs = 0;
  #connectedMs = 0;
  #deadlineMs = 0;
  #left = 0;
  /** When the request should have begun, did begin, had its first byte and its last; 0 when not yet. */
  intendedMs = 0;
  begunMs = 0;
  firstByteMs = 0;
  wholeMs = 0;
  /** Of an open loop. */
  stage = 0;
  /** Index among the plan's sources. */
  source = 0;
  /** SYNs sent again before the handshake was complete; undefined when the system was not asked. */
  synsAgain: number | undefined;

  constructor(plan: PlacePlan, events: PlaceEvents, answer: Answer) {
    this.plan = plan;
    this.events = events;
    this.#answer = answer;
    this.#request = plan.request === undefined ? undefined : Buffer.from(plan.request);
    this.#lastRequest = plan.lastRequest === undefined ? undefined : Buffer.from(plan.lastRequest);
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.#state !== 'closed' && this.#state !== 'idle';
  }

  /** Whether the next request goes over the connection there is. */
  get open(): boolean {
    return this.#state === 'idle';
  }

  /** Begins a request; the place must not be busy. `source` counts for a new connection. */
  begin(nowMs: number, intendedMs: number, stage: number, source: number): void {
    this.#answer.reset();
    this.firstByteMs = 0;
    this.wholeMs = 0;
    this.begunMs = nowMs;
    this.intendedMs = intendedMs;
    this.stage = stage;
    this.#deadlineMs = nowMs + this.plan.timeoutMs;
    if (this.#state === 'idle') {
      this.#ask(nowMs);
      return;
    }
    this.#state = 'connecting';
    this.#connectBegunMs = nowMs;
    this.#deadlineMs = nowMs + this.plan.connectTimeoutMs;
    this.#connectedMs = 0;
    this.#left = this.plan.requestsPerConnection;
    this.synsAgain = undefined;
    this.source = source;
    this.connect(this.plan.sources[source], nowMs);
  }

  /** Ends the request if its time is up. */
  expire(nowMs: number): void {
    if (!this.busy || nowMs < this.#deadlineMs) return;
    const { timeoutMs, connectTimeoutMs } = this.plan;
    if (this.wholeMs > 0) this.#finish(nowMs);
    else if (this.#connectedMs === 0) this.fail(nowMs, 'connect-timeout', `no SYN-ACK within ${connectTimeoutMs} ms`);
    else {
      const what = this.#state === 'securing' ? 'no TLS handshake' : 'no whole answer';
      const after = this.plan.transport === 'udp' ? 'sent' : 'connected';
      this.fail(nowMs, 'response-timeout', `${after}, ${what} within ${timeoutMs} ms`);
    }
  }

  /** Ends the request now, whatever its state. */
  cut(nowMs: number, why: string): void {
    if (!this.busy) return;
    if (this.wholeMs > 0) this.#finish(nowMs);
    else this.fail(nowMs, 'other', why);
  }

  /** Closes a connection that is kept for a next request. */
  drop(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'closed';
    this.disconnect();
  }

  /** Source port of the connection, 0 when it has none. */
  abstract get localPort(): number;
  /** Begins to connect; tells the outcome through the methods below, also at once. */
  protected abstract connect(source: string | undefined, nowMs: number): void;
  protected abstract write(bytes: Buffer, nowMs: number): void;
  protected abstract disconnect(): void;

  protected onConnected(nowMs: number): void {
    this.#connectedMs = nowMs;
    this.#deadlineMs = this.begunMs + this.plan.timeoutMs;
    this.events.connected(this, nowMs - this.#connectBegunMs, nowMs);
    if (this.plan.transport === 'tls') this.#state = 'securing';
    else this.#ask(nowMs);
  }

  protected onSecured(nowMs: number): void {
    this.events.secured(nowMs - this.#connectBegunMs);
    this.#ask(nowMs);
  }

  /** Bytes `0..length` of the buffer, free for reuse afterwards. */
  protected onData(buffer: Buffer, length: number, nowMs: number): void {
    // Bytes that nobody asked for, between two requests of one connection.
    if (this.#state === 'idle') this.drop();
    if (!this.busy) return;
    if (this.firstByteMs === 0) this.firstByteMs = nowMs;
    this.#answer.push(buffer, length);
    if (this.#answer.broken !== undefined) this.#finish(nowMs);
    else if (this.wholeMs === 0 && this.#answer.whole) this.#completed(nowMs);
  }

  /** The server has closed. */
  protected onEnd(nowMs: number): void {
    if (this.#state === 'idle') this.drop();
    if (!this.busy) return;
    if (this.wholeMs === 0) this.wholeMs = nowMs;
    this.#finish(nowMs, true);
  }

  protected onError(code: string | undefined, message: string, nowMs: number, localPort?: number): void {
    if (this.#state === 'idle') this.drop();
    if (!this.busy) return;
    if (this.wholeMs > 0) this.#finish(nowMs, true);
    else this.fail(nowMs, errorKind(code, this.#connectedMs > 0), message, localPort);
  }

  /** Whether what came so far would be an answer cut short, if it ended here. */
  protected get cutShort(): boolean {
    return this.busy && this.#answer.end()?.kind === 'short-read';
  }

  protected fail(nowMs: number, kind: ConnectionErrorKind, message: string, port = this.localPort): void {
    this.#state = 'closed';
    this.disconnect();
    this.events.failed(this, nowMs, kind, message, port);
  }

  #ask(nowMs: number): void {
    this.#state = 'asking';
    this.#left--;
    const request = this.#left > 0 ? this.#request : this.#lastRequest;
    if (request !== undefined) this.write(request, nowMs);
    // Where nothing is waited for, the handshake was all.
    else if (this.#answer.whole) this.#completed(nowMs);
  }

  #completed(nowMs: number): void {
    this.wholeMs = nowMs;
    if (this.#answer.lastOfConnection) this.#left = 0;
    if (this.#left > 0 || !this.plan.serverCloses) this.#finish(nowMs);
    else this.#deadlineMs = Math.min(this.#deadlineMs, nowMs + closeGraceMs);
  }

  /** The answer has ended one way or another: judge it. */
  #finish(nowMs: number, closed = false): void {
    const fault = this.#answer.end();
    if (fault !== undefined) {
      this.fail(nowMs, fault.kind, fault.message);
      return;
    }
    const realServer = this.plan.nameInCertificate ? this.certificateName : this.#answer.realServer;
    if (this.#left > 0 && !closed) this.#state = 'idle';
    else {
      this.#state = 'closed';
      this.disconnect();
    }
    this.events.answered(this, nowMs, realServer);
  }

  /** Common name of the subject of the server's certificate. */
  protected get certificateName(): string | undefined {
    return undefined;
  }
}
