/**
 * The load of ab: `requests` requests, `concurrency` of them at a time, each on a TCP connection of its own, because IPVS
 * schedules connections. One thread. Every request begun ends as answered or as failed, also when the run is stopped.
 */
import { IpvetError } from '../errors.ts';
import type { LoadResult } from '../model/observations.ts';
import { ConnectionSlot, type SlotEvents, type SlotPlan } from './connection-slot.ts';
import type { LoadOptions, LoadPlan } from './engine.ts';
import { Tally, type StopReason } from './tally.ts';
import { checkedTarget, firstSource } from './target.ts';

const progressIntervalMs = 250;
/** Connections begun in one turn of the event loop at the start, so that the first ones are not kept waiting by the last. */
const rampBatch = 50;
/** How long connections under way may go on after an interrupt. */
const interruptGraceMs = 500;

export async function driveConnections(
  plan: LoadPlan,
  { endpoints, signal, onProgress }: LoadOptions,
): Promise<LoadResult> {
  const { profile } = plan;
  const target = await checkedTarget(plan, endpoints);
  const slotPlan: SlotPlan = {
    connect: {
      host: target.host,
      port: target.port,
      ...(target.bind === undefined ? {} : { localAddress: target.bind }),
    },
    request: Buffer.from(
      `GET ${target.path} HTTP/1.1\r\nHost: ${target.authority}\r\nConnection: close\r\nAccept: */*\r\nUser-Agent: ipvet\r\n\r\n`,
    ),
    timeoutMs: profile.timeoutMs,
    expectStatus: plan.expectStatus,
    identifyBy: plan.identifyBy,
  };

  const tally = new Tally(plan);
  let stopped: StopReason | undefined;
  let cutAtMs = Infinity;
  const slots: ConnectionSlot[] = [];

  await new Promise<void>((resolve, reject) => {
    const done = () => {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      resolve();
    };
    const mayBegin = () => stopped === undefined && tally.sent < profile.requests;
    const next = (slot: ConnectionSlot) => {
      if (mayBegin()) {
        tally.sent++;
        slot.begin();
      } else if (tally.answered + tally.failed === tally.sent) done();
    };
    const events: SlotEvents = {
      connected: (elapsedMs, nowMs, localPort) => {
        tally.connect.record(elapsedMs);
        tally.port(nowMs, localPort);
      },
      answered: (slot, nowMs, elapsedMs, realServer) => {
        tally.total.record(elapsedMs);
        tally.answer(nowMs, realServer);
        next(slot);
      },
      failed: (slot, nowMs, kind, message, localPort) => {
        tally.failure(nowMs, kind, message, localPort);
        if (tally.failed >= profile.abortAfterFailures) stopped ??= 'failures';
        next(slot);
      },
    };
    const sweep = () => {
      const nowMs = performance.now();
      for (const slot of slots) {
        if (nowMs >= cutAtMs) slot.cut(nowMs, 'cut off: the run was interrupted');
        else slot.expire(nowMs);
      }
    };
    const interrupt = () => {
      stopped = 'interrupted';
      cutAtMs = performance.now() + interruptGraceMs;
      if (tally.answered + tally.failed === tally.sent) done();
    };

    const places = Math.min(profile.concurrency, profile.requests);
    const ramp = () => {
      for (let begun = 0; begun < rampBatch && slots.length < places && mayBegin(); begun++) {
        const slot = new ConnectionSlot(slotPlan, events);
        slots.push(slot);
        next(slot);
      }
      if (slots.length < places && mayBegin()) setImmediate(ramp);
    };

    const timers = [
      setInterval(sweep, Math.min(100, Math.max(5, profile.timeoutMs / 20))),
      setInterval(() => onProgress?.(tally.progress()), progressIntervalMs),
    ];
    if (profile.timeLimitMs !== undefined) {
      timers.push(
        setTimeout(() => {
          stopped ??= 'time-limit';
        }, profile.timeLimitMs),
      );
    }
    try {
      if (signal.aborted) interrupt();
      else {
        signal.addEventListener('abort', interrupt);
        ramp();
      }
    } catch (error) {
      reject(new IpvetError('LOAD', `load on ${plan.url} could not begin`, { cause: error }));
    }
  });
  onProgress?.(tally.progress());
  return tally.result('connection', { connections: tally.sent, source: firstSource(plan), stopped });
}
