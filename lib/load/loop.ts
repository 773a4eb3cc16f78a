/**
 * One thread of a load: begins requests when they are due and a place is free, and books how they end. Every request begun
 * ends as answered or as failed, also when the run is stopped.
 */
import { Arrivals, type Arrival } from './arrivals.ts';
import { answerReader } from './answer-reader.ts';
import type { Board } from './board.ts';
import type { RequestOutcome } from '../model/load-result.ts';
import type { LoadPlan } from './engine.ts';
import { NodePlace } from './node-place.ts';
import type { Place, PlaceEvents, PlacePlan } from './place.ts';
import { RequestLog } from './request-log.ts';
import { StageBook, type StagePart } from './stage-book.ts';
import { SynBook } from './syn-book.ts';
import { SystemPlace, SystemPoller } from './system-place.ts';
import { systemCalls } from './system-calls.ts';
import { Tally, type TallyPart } from './tally.ts';
import type { PortBook } from './port-book.ts';

/** Requests begun in one turn, so that the first ones are not kept waiting by the last. */
const beginsInTurn = 50;
/** How long after the end of its schedule an open loop still begins what had to wait; the rest is never sent. */
const drainMs = 1000;
/** Longest schedule that is counted to its end when it was not run to it. */
const mostCounted = 10_000_000;
/** How long connections under way may go on after an interrupt. */
const interruptGraceMs = 500;

export interface LoopPlan {
  readonly plan: LoadPlan;
  readonly places: PlacePlan;
  readonly seed: number;
  readonly sockets?: 'node';
  /** This thread's part of the whole: every `of`-th arrival, its share of requests and places. */
  readonly thread: number;
  readonly of: number;
  readonly requests: number;
  readonly concurrency: number;
  /** Longest wait in the kernel for an event, during which the thread does nothing else. */
  readonly waitMs: number;
}

export interface LoopPart {
  readonly tally: TallyPart;
  readonly synRetransmits: ReadonlyMap<number, number>;
  readonly stages: readonly StagePart[];
  /** When the last request begun was begun, and when it should have been; in ms from the start. */
  readonly lastBegunMs: number;
  readonly lastDueMs: number;
  /** Open loop: requests of the schedule that were not begun. */
  readonly unsent: number;
  readonly each: readonly RequestOutcome[];
}

export class Loop implements PlaceEvents {
  readonly #options: LoopPlan;
  readonly #board: Board;
  readonly #tally: Tally;
  readonly #stages: StageBook;
  readonly #syns = new SynBook();
  readonly #arrivals: Arrivals | undefined;
  readonly #startMs: number;
  readonly #free: Place[] = [];
  readonly #places: Place[] = [];
  readonly #log: RequestLog;
  #poller: SystemPoller | undefined;
  #due: Arrival | undefined;
  #dueWaitsForPlace = false;
  #scheduleOver = false;
  #busy = 0;
  #nextSource: number;
  #cutAtMs = Infinity;
  #lastBegunMs = 0;
  #lastDueMs = 0;
  #filling = false;
  #refill: () => void = () => undefined;

  /** `startAtMs` is when the load begins, on `clockMs`: one clock for all threads. */
  constructor(options: LoopPlan, board: Board, ports: PortBook, startAtMs: number) {
    this.#options = options;
    this.#board = board;
    const { plan, seed } = options;
    this.#startMs = startAtMs - clockMs() + performance.now();
    this.#tally = new Tally(plan, this.#startMs, ports);
    this.#log = new RequestLog(plan);
    this.#stages = new StageBook(plan.profile.openLoop);
    this.#nextSource = options.thread;
    if (plan.profile.openLoop !== undefined) {
      this.#arrivals = new Arrivals(plan.profile.openLoop, seed);
      this.#takeTurn(options.thread);
    }
  }

  async run(): Promise<LoopPart> {
    const { places, concurrency, requests } = this.#options;
    const calls = places.transport === 'tls' || this.#options.sockets === 'node' ? undefined : await systemCalls();
    if (calls !== undefined) this.#poller = new SystemPoller(calls, places);
    if (this.#poller?.usable === false) {
      this.#poller.close();
      this.#poller = undefined;
    }
    for (let count = Math.min(concurrency, requests); count > 0; count--) {
      const answer = answerReader(this.#options);
      const place =
        this.#poller === undefined
          ? new NodePlace(places, this, answer)
          : new SystemPlace(places, this, answer, this.#poller);
      this.#places.push(place);
      this.#free.push(place);
    }
    this.#free.reverse();
    await (this.#poller === undefined ? this.#runOnEvents() : this.#runOnPoller(this.#poller));
    for (const place of this.#places) place.drop();
    this.#poller?.close();
    this.#tellBoard();
    return {
      tally: this.#tally.part(),
      synRetransmits: this.#syns.connections,
      stages: this.#stages.parts(),
      lastBegunMs: this.#lastBegunMs,
      lastDueMs: this.#lastDueMs,
      unsent: this.#unsent(),
      each: this.#log.each,
    };
  }

  connected(place: Place, elapsedMs: number, nowMs: number): void {
    if (this.#options.places.transport === 'udp') return;
    this.#tally.record('connect', elapsedMs);
    this.#tally.port(nowMs, place.localPort, place.source);
    this.#log.connected(place);
    this.#syns.handshake(elapsedMs, place.synsAgain);
  }

  secured(elapsedMs: number): void {
    this.#tally.record('secured', elapsedMs);
  }

  answered(place: Place, nowMs: number, realServer: string | undefined): void {
    const totalMs = place.wholeMs - place.begunMs;
    this.#tally.record('total', totalMs);
    if (place.firstByteMs > 0) this.#tally.record('firstByte', place.firstByteMs - place.begunMs);
    const correctedMs = this.#arrivals === undefined ? totalMs : place.wholeMs - place.intendedMs;
    this.#tally.answer(nowMs, realServer, correctedMs);
    this.#log.answered(place, realServer);
    if (this.#arrivals !== undefined) {
      this.#tally.record('corrected', correctedMs);
      this.#stages.answered(place.stage, totalMs, correctedMs);
    }
    this.#ended(place);
  }

  failed(place: Place, nowMs: number, kind: Parameters<Tally['failure']>[1], message: string, localPort: number): void {
    this.#tally.failure(nowMs, kind, message, localPort);
    this.#log.failed(place, nowMs, localPort, { outcome: kind, message });
    this.#stages.failed(place.stage);
    const { abortAfterFailures, failureEndsAfterMs = Infinity } = this.#options.plan.profile;
    if (this.#board.failure() >= abortAfterFailures || nowMs - this.#startMs >= failureEndsAfterMs)
      this.#board.stop('failures');
    this.#ended(place);
  }

  #ended(place: Place): void {
    this.#busy--;
    if (!place.open) this.#board.open(-1);
    this.#free.push(place);
    this.#refill();
  }

  /** Begins what is due; false when the turn ended before all of it was begun. */
  #fill(): boolean {
    // What fails at once comes back here from within.
    if (this.#filling) return true;
    this.#filling = true;
    let begun = 0;
    for (; begun < beginsInTurn; begun++) {
      if (this.#board.stopped !== undefined || this.#tally.sent >= this.#options.requests) break;
      const nowMs = performance.now();
      if (this.#arrivals === undefined) {
        const place = this.#free.pop();
        if (place === undefined) break;
        this.#begin(place, nowMs, nowMs, 0);
        continue;
      }
      const due = this.#due;
      if (due === undefined || this.#startMs + due.atMs > nowMs) break;
      if (nowMs > this.#startMs + this.#scheduleMs + drainMs) {
        this.#board.stop('time-limit');
        break;
      }
      const place = this.#free.pop();
      if (place === undefined) {
        this.#dueWaitsForPlace = true;
        break;
      }
      const lateMs = nowMs - this.#startMs - due.atMs;
      this.#tally.record('lateness', lateMs);
      this.#stages.begun(due.stage, lateMs, this.#dueWaitsForPlace);
      this.#dueWaitsForPlace = false;
      this.#takeTurn(this.#options.of - 1);
      this.#begin(place, nowMs, this.#startMs + due.atMs, due.stage);
    }
    this.#filling = false;
    return begun < beginsInTurn;
  }

  #begin(place: Place, nowMs: number, intendedMs: number, stage: number): void {
    this.#tally.sent++;
    this.#busy++;
    this.#lastBegunMs = nowMs - this.#startMs;
    this.#lastDueMs = intendedMs - this.#startMs;
    if (!place.open) {
      this.#tally.connections++;
      this.#board.open(1);
      this.#nextSource = (this.#nextSource + 1) % this.#options.places.sources.length;
    }
    place.begin(nowMs, intendedMs, stage, this.#nextSource);
  }

  get #scheduleMs(): number {
    return this.#options.plan.profile.openLoop?.stages.reduce((sum, { durationMs }) => sum + durationMs, 0) ?? Infinity;
  }

  #unsent(): number {
    const most = this.#options.requests - this.#tally.sent;
    let count = 0;
    for (; this.#due !== undefined && count < most; count++) {
      if (count === mostCounted) return most;
      this.#takeTurn(this.#options.of - 1);
    }
    return count;
  }

  /** The arrival after so many that belong to other threads. */
  #takeTurn(skip: number): void {
    for (let others = skip; others > 0; others--) this.#arrivals?.next();
    this.#due = this.#arrivals?.next();
    if (this.#due === undefined) this.#scheduleOver = true;
  }

  get #over(): boolean {
    if (this.#busy > 0) return false;
    return this.#board.stopped !== undefined || this.#scheduleOver || this.#tally.sent >= this.#options.requests;
  }

  /** Ms until the next arrival; Infinity when none waits for its time. */
  get #untilDueMs(): number {
    const due = this.#due;
    if (due === undefined || this.#free.length === 0 || this.#board.stopped !== undefined) return Infinity;
    return this.#startMs + due.atMs - performance.now();
  }

  #sweep(nowMs: number): void {
    if (this.#board.stopped === 'interrupted' && this.#cutAtMs === Infinity) this.#cutAtMs = nowMs + interruptGraceMs;
    for (const place of this.#places) {
      if (!place.busy) continue;
      if (nowMs >= this.#cutAtMs) place.cut(nowMs, 'cut off: the run was interrupted');
      else place.expire(nowMs);
    }
    this.#tellBoard();
  }

  #tellBoard(): void {
    this.#board.progress(this.#options.thread, this.#tally);
  }

  get #sweepEveryMs(): number {
    return Math.min(100, Math.max(5, this.#options.places.timeoutMs / 20));
  }

  async #runOnPoller(poller: SystemPoller): Promise<void> {
    let sweptMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        try {
          const done = this.#fill();
          const untilDueMs = this.#untilDueMs;
          if (this.#over) {
            resolve();
            return;
          }
          if (done && untilDueMs > 0 && untilDueMs < this.#options.waitMs) poller.wakeAfter(untilDueMs);
          poller.turn(done && untilDueMs > 0 ? this.#options.waitMs : 0);
          const nowMs = performance.now();
          if (nowMs - sweptMs >= this.#sweepEveryMs) {
            sweptMs = nowMs;
            this.#sweep(nowMs);
          }
          setImmediate(turn);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      turn();
    });
  }

  async #runOnEvents(): Promise<void> {
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const turn = () => {
        clearTimeout(timer);
        timer = undefined;
        if (!this.#fill()) {
          setImmediate(turn);
          return;
        }
        if (this.#over) {
          clearInterval(sweeper);
          resolve();
          return;
        }
        const untilDueMs = this.#untilDueMs;
        if (untilDueMs !== Infinity) timer = setTimeout(turn, Math.max(0, untilDueMs));
      };
      const sweeper = setInterval(() => {
        this.#sweep(performance.now());
        // Also to see that somebody stopped the load while nothing was under way.
        turn();
      }, this.#sweepEveryMs);
      this.#refill = turn;
      turn();
    });
  }
}

/** Of `process.hrtime`, in ms. */
export function clockMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
