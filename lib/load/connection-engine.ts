/**
 * The load of ab, and more: a TCP connection for each request (or for so many), because IPVS schedules connections. Closed
 * loop: `concurrency` places, each of which begins the next request when it has its answer. Open loop: requests begin when
 * their time has come. Every request begun ends as answered or as failed, also when the run is stopped.
 */
import { randomInt } from 'node:crypto';
import type { LoadResult, OpenLoopResult } from '../model/load-result.ts';
import { Board } from './board.ts';
import type { LoadOptions, LoadOutcome, LoadPlan } from './engine.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { descriptorLimit, ephemeralPorts, synsSentAgain, timeWaitSockets } from './kernel-figures.ts';
import type { LoopPart } from './loop.ts';
import type { PlacePlan } from './place.ts';
import { PortBook } from './port-book.ts';
import { requestHead } from './request-head.ts';
import { lateAfterMs, StageBook } from './stage-book.ts';
import { SynBook } from './syn-book.ts';
import { rounded, Tally } from './tally.ts';
import { checkedTarget, firstSource, type Target } from './target.ts';
import { runLoops } from './threads.ts';

const progressIntervalMs = 250;

export async function driveConnections(
  plan: LoadPlan,
  { endpoints, signal, onProgress, sockets }: LoadOptions,
): Promise<LoadOutcome> {
  const { profile } = plan;
  const target = await checkedTarget(plan, endpoints);
  const threads = Math.min(profile.threads ?? 1, profile.concurrency, profile.requests);
  const seed = plan.seed ?? randomInt(2 ** 32);
  const board = new Board(threads);
  const ports = new PortBook(plan.sources.length);
  const watch = new GeneratorWatch();
  const kernel = new KernelWatch();

  const stop = () => {
    board.stop('interrupted');
  };
  let startedMs = performance.now();
  let startedAt = new Date();
  let limit: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;
  const report = () => {
    kernel.look();
    onProgress?.({
      atMs: rounded(Math.max(0, performance.now() - startedMs)),
      ...board.sums,
      requested: profile.requests,
    });
  };
  const reporter = setInterval(report, progressIntervalMs);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  let parts: Awaited<ReturnType<typeof runLoops>>;
  try {
    parts = await runLoops(
      { plan, places: placePlan(plan, target), seed, ...(sockets === undefined ? {} : { sockets }) },
      threads,
      {
        board,
        ports,
        began: (atMs) => {
          startedMs = atMs;
          startedAt = new Date();
          const { timeLimitMs, failureEndsAfterMs } = profile;
          if (timeLimitMs !== undefined)
            limit = setTimeout(() => {
              board.stop('time-limit');
            }, timeLimitMs);
          if (failureEndsAfterMs !== undefined)
            look = setTimeout(() => {
              if (board.failures > 0) board.stop('failures');
            }, failureEndsAfterMs);
        },
      },
    );
  } finally {
    clearInterval(reporter);
    clearTimeout(limit);
    clearTimeout(look);
    signal.removeEventListener('abort', stop);
  }
  report();

  const tally = new Tally(plan, startedMs, ports);
  const syns = new SynBook();
  for (const { part } of parts) {
    tally.add(part.tally);
    syns.add(part.synRetransmits);
  }
  const openLoop = openLoopResult(
    plan,
    seed,
    tally,
    parts.map(({ part }) => part),
  );
  const { cpuShare, eventLoopDelayP99Ms } = watch.stop();
  const figures = parts.map((each) => each.figures);
  const result = tally.result('connection', {
    source: firstSource(plan),
    ...(plan.sources.length > 1 ? { sources: plan.sources } : {}),
    startedAt,
    stopped: board.stopped,
    // A random schedule has as many requests as it has.
    ...(openLoop === undefined
      ? {}
      : { openLoop, requested: tally.sent + parts.reduce((sum, { part }) => sum + part.unsent, 0) }),
    ...(plan.url.startsWith('udp:') ? {} : { synRetransmits: syns.result(kernel.synsAgain) }),
    generator: {
      cpuShare,
      eventLoopDelayP99Ms:
        threads === 1 ? eventLoopDelayP99Ms : Math.max(...figures.map((thread) => thread.eventLoopDelayP99Ms)),
      threads: figures,
      ...kernel.figures(board.mostOpen, plan.sources.length),
    },
  });
  return plan.tellEach === true ? { ...result, each: parts.flatMap(({ part }) => part.each) } : result;
}

function placePlan(plan: LoadPlan, target: Target): PlacePlan {
  const { profile, send, serverName } = plan;
  const { scheme } = target;
  const http = scheme === 'http' || scheme === 'https';
  const text = (connection: 'close' | 'keep-alive') =>
    http
      ? requestHead(plan, { path: target.path, authority: serverName ?? target.authority }, connection)
      : (send ?? (scheme === 'udp' ? 'ipvet\n' : undefined));
  return {
    host: target.host,
    port: target.port,
    transport: scheme === 'udp' ? 'udp' : scheme === 'https' || scheme === 'tls' ? 'tls' : 'tcp',
    sources: target.binds,
    request: text('keep-alive'),
    lastRequest: text('close'),
    requestsPerConnection: profile.requestsPerConnection ?? 1,
    serverCloses: http,
    timeoutMs: profile.timeoutMs,
    connectTimeoutMs: Math.min(profile.timeoutMs, profile.connectTimeoutMs ?? profile.timeoutMs),
    ...(serverName === undefined ? {} : { serverName }),
    nameInCertificate: plan.identifyBy.kind === 'certificate',
  };
}

function openLoopResult(
  { profile }: LoadPlan,
  seed: number,
  tally: Tally,
  parts: readonly LoopPart[],
): OpenLoopResult | undefined {
  const { openLoop } = profile;
  if (openLoop === undefined) return undefined;
  const book = new StageBook(openLoop);
  for (const { stages } of parts) book.add(stages);
  const { begun, lateSends, waitedForPlace } = book.sums;
  const lateness = tally.summary('lateness');
  const lastBegunMs = Math.max(0, ...parts.map((part) => part.lastBegunMs));
  const lastDueMs = Math.max(0, ...parts.map((part) => part.lastDueMs));
  const rate = (ms: number) => (ms > 0 && begun > 1 ? rounded(((begun - 1) * 1000) / ms) : 0);
  return {
    arrivals: openLoop.arrivals,
    ...(openLoop.arrivals === 'poisson' ? { seed } : {}),
    offeredRps: rate(lastDueMs),
    achievedRps: rate(lastBegunMs),
    lateSends,
    lateAfterMs,
    waitedForPlace,
    ...(lateness === undefined ? {} : { lateness }),
    stages: book.results(),
  };
}

/** What the kernel of the client counted meanwhile. */
class KernelWatch {
  readonly #synsBefore = synsSentAgain();
  #timeWaitMost = timeWaitSockets();

  look(): void {
    const now = timeWaitSockets();
    if (now !== undefined) this.#timeWaitMost = Math.max(this.#timeWaitMost ?? 0, now);
  }

  get synsAgain(): number | undefined {
    const now = synsSentAgain();
    return now === undefined || this.#synsBefore === undefined ? undefined : now - this.#synsBefore;
  }

  figures(mostOpen: number, sources: number): Pick<LoadResult['generator'], 'descriptors' | 'ports'> {
    const limit = descriptorLimit();
    const perSource = ephemeralPorts();
    return {
      ...(limit === undefined ? {} : { descriptors: { limit, mostOpen } }),
      ...(perSource === undefined || this.#timeWaitMost === undefined
        ? {}
        : { ports: { perSource, sources, timeWaitMost: this.#timeWaitMost } }),
    };
  }
}
