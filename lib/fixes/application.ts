/**
 * Fixes made for good: each with its undo on the host before it, all of them looked at again over new connections, and
 * only then kept. Nothing stays of a run that did not come to its end, nor of a fix whose findings do not pass after it.
 */
import type { GuardOptions } from '../changes/guard.ts';
import { Guards } from '../changes/guards.ts';
import { asIpvetError, type IpvetError } from '../errors.ts';
import type { Outcome } from '../model/verdict.ts';
import type { Host } from '../ssh/host.ts';
import { type FixDocument, hostsOfFixes } from './document.ts';
import { Fates } from './fates.ts';
import { HostFix, nameOf } from './host-fix.ts';
import { type Fix, type FixFinding, findingName } from './plan.ts';
import { Progress } from './progress.ts';

export type Seen = ReadonlyMap<string, { readonly outcome: Outcome; readonly reason?: string }>;

export interface ApplicationOptions {
  readonly document: FixDocument;
  /** Gets the record. */
  readonly folder: string;
  /** Of every fix. */
  readonly hosts: readonly Host[];
  readonly guard: GuardOptions;
  /** Stops the work, which then takes everything back. */
  readonly signal: AbortSignal;
  /** Judges just these again over new connections; by `findingName`. */
  readonly recheck: (findings: readonly FixFinding[], signal: AbortSignal) => Promise<Seen>;
  readonly tell: (line: string) => void;
}

export interface Application {
  readonly document: FixDocument;
  /** What ended it early; then everything was taken back, as far as the states say. */
  readonly error?: IpvetError;
}

const undoDeadlineMs = 30_000;
/** A guard that was cut off has undone after 30 s at most, and then has to be found again. */
const fateLimitMs = 60_000;
/** Longest until a guard that can be reached has said what it did: it is asked every 3 s. */
const wordLimitMs = 15_000;
/** What takes a moment to come up. */
const secondLookMs = 4000;

/** Throws LOCKED, UNGUARDED, and what `Host` throws, with nothing changed. */
export async function applyFixes(options: ApplicationOptions): Promise<Application> {
  const { document, hosts, guard } = options;
  const fates = new Fates();
  const guards = await Guards.open(hosts, { ...guard, onLost: fates.tell });
  try {
    return await new Work(options, fates, guards).run();
  } finally {
    const left = await guards.release();
    for (const name of left.filter((host) => hostsOfFixes(document).includes(host)))
      if (fates.of(name) === undefined)
        options.tell(`${name}: its guard keeps the lock until it has undone what is left`);
  }
}

interface Placed {
  readonly work: HostFix;
  readonly step: number;
}

class Work {
  readonly #options: ApplicationOptions;
  readonly #fates: Fates;
  readonly #guards: Guards;
  readonly #progress: Progress;
  /** Registered and not taken back, in order. */
  #placed: readonly Placed[] = [];

  constructor(options: ApplicationOptions, fates: Fates, guards: Guards) {
    this.#options = options;
    this.#fates = fates;
    this.#guards = guards;
    this.#progress = new Progress(options.folder, options.document);
  }

  async run(): Promise<Application> {
    const { document, signal } = this.#options;
    try {
      const queues = hostsOfFixes(document).map((host) => document.fixes.filter((fix) => fix.host === host));
      // One fix of each host at a time: of two on a host the later one can then be taken back alone.
      const rounds = Math.max(0, ...queues.map(({ length }) => length));
      for (let round = 0; round < rounds; round += 1) {
        signal.throwIfAborted();
        await this.#round(queues.flatMap((queue) => queue.slice(round, round + 1)));
      }
      signal.throwIfAborted();
      await this.#keep();
      return { document: this.#progress.document };
    } catch (error) {
      const failure = signal.aborted ? undefined : asIpvetError(error, 'INTERNAL', 'fix apply');
      await this.#takeBackAll(failure?.message ?? 'stopped before everything was in place');
      return { document: this.#progress.document, error: failure ?? asIpvetError(signal.reason, 'ABORTED', 'stopped') };
    }
  }

  async #round(fixes: readonly Fix[]): Promise<void> {
    const wanted = fixes.filter(({ host }) => this.#fates.of(host) === undefined);
    await this.#progress.set(wanted, 'started');
    const tried = await Promise.allSettled(wanted.map((fix) => this.#apply(fix)));
    for (const outcome of tried) if (outcome.status === 'rejected') throw outcome.reason;
    this.#options.signal.throwIfAborted();
    const fresh = this.#placed.filter(({ work }) => wanted.includes(work.fix));
    if (fresh.length === 0) return;
    let complaints = await this.#complaints(fresh);
    if (complaints.size > 0) {
      await pause(secondLookMs, this.#options.signal);
      complaints = await this.#complaints(fresh);
    }
    this.#options.signal.throwIfAborted();
    for (const placed of fresh) {
      const { fix } = placed.work;
      const complaint = complaints.get(placed);
      if (complaint === undefined) this.#options.tell(`${fix.host}: ${nameOf(fix)}: passes now`);
      else await this.#takeBack(placed, complaint);
    }
  }

  /** A fix that fails is taken back, and the others go on. Throws what stops all of them. */
  async #apply(fix: Fix): Promise<void> {
    const { signal, guard, document, tell } = this.#options;
    const held = this.#guards.of(fix.host);
    const work = new HostFix(fix, held, { place: { id: document.id }, runId: guard.holder.runId });
    const step = await held.register(work.undo).catch((error: unknown) => this.#lost(fix, error));
    if (step === undefined) return;
    const placed = { work, step };
    this.#placed = [...this.#placed, placed];
    tell(`${fix.host}: ${fix.summary}`);
    try {
      await work.apply(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      await this.#takeBack(placed, asIpvetError(error, 'INTERNAL', nameOf(fix)).message);
    }
  }

  async #lost(fix: Fix, error: unknown): Promise<undefined> {
    const { message } = asIpvetError(error, 'INTERNAL', nameOf(fix));
    await this.#progress.set([fix], 'planned', `not done: ${message}`);
    return undefined;
  }

  /** Why fixes of this round do not stay: their own findings, or ones of the same host that passed before them. */
  async #complaints(fresh: readonly Placed[]): Promise<ReadonlyMap<Placed, string>> {
    const seen = await this.#options.recheck(
      this.#placed.flatMap(({ work }) => work.fix.findings),
      this.#options.signal,
    );
    const complaintOf = ({ work }: Placed): string | undefined =>
      work.fix.findings
        .flatMap((finding) => {
          const now = seen.get(findingName(finding));
          if (now !== undefined && ['pass', 'not-applicable', 'waived'].includes(now.outcome)) return [];
          const why = now?.reason === undefined ? '' : `: ${now.reason}`;
          return [`${findingName(finding)} is ${now?.outcome ?? 'not-run'} after it${why}`];
        })
        .at(0);
    const complaints = new Map<Placed, string>();
    for (const placed of fresh) {
      const own = complaintOf(placed);
      const harmed = this.#placed
        .filter((other) => !fresh.includes(other) && other.work.fix.host === placed.work.fix.host)
        .flatMap((other) => complaintOf(other) ?? [])
        .at(0);
      const complaint = own ?? harmed;
      if (complaint !== undefined) complaints.set(placed, complaint);
    }
    return complaints;
  }

  async #keep(): Promise<void> {
    const kept: Fix[] = [];
    for (const { work, step } of this.#placed) {
      try {
        await work.guard.keep(step);
        kept.push(work.fix);
      } catch (error) {
        const { message } = asIpvetError(error, 'INTERNAL', 'keep');
        await this.#settle(work.fix, message);
      }
    }
    await this.#progress.set(kept, 'kept');
  }

  async #takeBackAll(why: string): Promise<void> {
    for (const placed of this.#placed.toReversed()) await this.#takeBack(placed, why);
  }

  async #takeBack(placed: Placed, why: string): Promise<void> {
    const { work, step } = placed;
    const { fix, guard } = work;
    this.#placed = this.#placed.filter((other) => other !== placed);
    this.#options.tell(`${fix.host}: ${nameOf(fix)}: taking it back: ${why}`);
    if (this.#fates.of(fix.host) === undefined) {
      try {
        await guard.undo(step, AbortSignal.timeout(undoDeadlineMs));
        await this.#progress.set([fix], 'taken-back', why);
        return;
      } catch (error) {
        const { code, message } = asIpvetError(error, 'INTERNAL', 'undo');
        if (code === 'EXEC_FAILED') {
          // With the network back the host may have been first, and its guard is about to say so.
          await this.#settle(fix, `${why}; and taking it back: ${message}`, wordLimitMs);
          return;
        }
        this.#options.tell(`${fix.host}: not reached (${message}); its guard takes everything back within 30 s`);
      }
    }
    await this.#settle(fix, why);
  }

  /** With the host out of reach its guard has the word: everything not kept is back, or it is not known. */
  async #settle(fix: Fix, why: string, limitMs = fateLimitMs): Promise<void> {
    const fate = await this.#fates.within(fix.host, limitMs);
    const word = fate?.undone?.log.find((line) => line.endsWith(nameOf(fix)));
    if (word?.startsWith('undone ') === true) {
      this.#options.tell(`${fix.host}: ${nameOf(fix)}: the host has taken it back by itself`);
      await this.#progress.set([fix], 'taken-back', `${why}; taken back by ${fix.host} itself`);
    } else {
      const heard = fate === undefined ? `nothing is heard of ${fix.host}` : fate.error.message;
      await this.#progress.set([fix], 'unknown', `${why}; ${heard}`);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
