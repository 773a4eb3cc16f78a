/**
 * The probe agent: a new connection every few ms, at times of their own, whether earlier ones were answered or not; and a
 * few connections that are kept. A process of its own, as the load agent is, so that it can live in the client's network
 * namespace. Started by probe.ts.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { KeptConnection, Probe } from '../model/failover.ts';
import { requireDeclared } from './declared-endpoints.ts';
import { errorKind } from './failure.ts';
import { HttpAnswer } from './http-answer.ts';
import type { ProbePlan, ProbeReport, ProbeRequest } from './probe-plan.ts';
import { requestHead } from './request-head.ts';
import { addressOf } from './target.ts';

/** How often what was seen is told. */
const tellMs = 100;
/** A kept connection whose last request was not answered for so long is hung. */
const hungAfterMs = 2000;

const now = (): number => performance.timeOrigin + performance.now();

function report(message: ProbeReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

class Prober {
  readonly #plan: ProbePlan;
  readonly #host: string;
  readonly #port: number;
  readonly #once: string;
  readonly #again: string;
  readonly #kept: Kept[] = [];
  #probes: Probe[] = [];
  #dueMs = now();
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;
  #telling: NodeJS.Timeout | undefined;

  constructor(plan: ProbePlan, endpoints: readonly string[]) {
    this.#plan = plan;
    const target = addressOf(plan.load.url);
    requireDeclared(target.host, target.port, endpoints);
    this.#host = target.host;
    this.#port = target.port;
    this.#once = requestHead(plan.load, target, 'close');
    this.#again = requestHead(plan.load, target, 'keep-alive');
  }

  start(): void {
    for (let number = 0; number < this.#plan.kept; number++)
      this.#kept.push(new Kept(this.#connect(number), this.#again, this.#plan));
    this.#dueMs = now();
    this.#tick();
    this.#telling = setInterval(() => {
      this.#tell();
    }, tellMs);
  }

  /** Probes under way are told with what became of them until then; those without an end count for nothing. */
  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#telling);
    setTimeout(() => {
      this.#tell();
      report({ kind: 'end', kept: this.#kept.map((one) => one.end()) });
      process.exit(0);
    }, this.#plan.timeoutMs + 50);
  }

  #tick(): void {
    while (this.#dueMs <= now()) {
      this.#probe(this.#dueMs);
      this.#dueMs += this.#plan.intervalMs;
    }
    this.#timer = setTimeout(
      () => {
        this.#tick();
      },
      Math.max(0, this.#dueMs - now()),
    );
  }

  #tell(): void {
    if (this.#probes.length === 0) return;
    report({ kind: 'probes', probes: this.#probes });
    this.#probes = [];
  }

  #connect(number: number): Socket {
    const { sources } = this.#plan.load;
    const source = sources[number % sources.length];
    const socket = connect({
      host: this.#host,
      port: this.#port,
      ...(source === undefined ? {} : { localAddress: source }),
    });
    return socket.setNoDelay(true);
  }

  #probe(atMs: number): void {
    const { expectStatus, identifyBy, expectBody } = this.#plan.load;
    const answer = new HttpAnswer(expectStatus, identifyBy, expectBody);
    const socket = this.#connect(this.#begun++);
    let connected = false;
    let ended = false;
    const end = (outcome: Probe['outcome']): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.destroy();
      const { realServer } = answer;
      this.#probes.push({
        atMs,
        outcome,
        tookMs: Math.round((now() - atMs) * 10) / 10,
        ...(outcome === 'answered' && realServer !== undefined ? { server: realServer } : {}),
      });
    };
    const judge = (): void => {
      end(answer.end()?.kind ?? 'answered');
    };
    const timer = setTimeout(
      () => {
        end(connected ? 'response-timeout' : 'connect-timeout');
      },
      Math.max(1, atMs + this.#plan.timeoutMs - now()),
    );
    socket.on('connect', () => {
      connected = true;
      socket.write(this.#once);
    });
    socket.on('data', (bytes) => {
      answer.push(bytes, bytes.length);
      if (answer.whole || answer.broken !== undefined) judge();
    });
    socket.on('end', judge);
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      end(errorKind(code, connected));
    });
  }
}

/** A connection that is kept: a request now and then, one at a time. */
class Kept {
  readonly #socket: Socket;
  readonly #answer: HttpAnswer;
  readonly #timer: NodeJS.Timeout;
  #answers = 0;
  #askedMs: number | undefined;
  #brokenMs: number | undefined;

  constructor(socket: Socket, request: string, { load, keptIntervalMs }: ProbePlan) {
    this.#socket = socket;
    this.#answer = new HttpAnswer(load.expectStatus, load.identifyBy, load.expectBody);
    const broke = (): void => {
      this.#brokenMs ??= now();
      clearInterval(this.#timer);
    };
    socket.on('error', broke).on('close', broke);
    socket.on('data', (bytes) => {
      this.#answer.push(bytes, bytes.length);
      if (!this.#answer.whole) return;
      this.#answer.reset();
      this.#answers++;
      this.#askedMs = undefined;
    });
    this.#timer = setInterval(() => {
      if (this.#askedMs !== undefined || socket.connecting) return;
      this.#askedMs = now();
      socket.write(request);
    }, keptIntervalMs);
  }

  end(): KeptConnection {
    clearInterval(this.#timer);
    const answers = this.#answers;
    const unanswered = this.#socket.connecting || (this.#askedMs !== undefined && now() - this.#askedMs > hungAfterMs);
    const fate = this.#brokenMs === undefined ? (unanswered ? 'hung' : 'survived') : 'reset';
    const endedMs = this.#brokenMs ?? (unanswered ? this.#askedMs : undefined);
    this.#socket.destroy();
    return { fate, answers, ...(endedMs === undefined ? {} : { endedMs }) };
  }
}

// probe.ts decides when to stop; a Ctrl-C meant for it must not end the agent before what it saw is out.
process.on('SIGINT', () => undefined);

let prober: Prober | undefined;
createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line) as ProbeRequest;
  if (request.kind === 'stop') {
    prober?.stop();
    return;
  }
  try {
    prober = new Prober(request.plan, request.endpoints);
    prober.start();
  } catch (error) {
    report({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
});
process.stdin.on('end', () => process.exit(1));
