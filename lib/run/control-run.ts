/**
 * The same small load to the VIP and, around the director, to each real server, one after the other: what the VIP costs
 * more is IPVS and its way, what both cost is the server.
 */
import { asIpvetError } from '../errors.ts';
import type { LoadPlan } from '../load/engine.ts';
import type { VirtualService } from '../model/cluster.ts';
import { endpoint } from '../model/endpoint.ts';
import { plainProfile } from './capacity-search.ts';
import type { ControlResult, ControlRun, LoadResult } from '../model/load-result.ts';

const requests = 200;
const concurrency = 5;
/** A real server that the client does not reach is given up after one such wait for each place. */
const timeoutMs = 2000;

/** Drives the plans of the main load's form; never rejects but for an interruption. */
export async function driveControl(
  plan: LoadPlan,
  { destinations }: VirtualService,
  drive: (plan: LoadPlan) => Promise<LoadResult>,
  signal: AbortSignal,
): Promise<ControlResult> {
  const profile = plainProfile(plan.profile);
  const small: LoadPlan = {
    ...plan,
    profile: {
      ...profile,
      requests,
      concurrency,
      timeoutMs: Math.min(timeoutMs, profile.timeoutMs),
      abortAfterFailures: concurrency,
    },
  };
  const targets = destinations.map(({ realServer, port }) => ({
    realServer: realServer.name,
    url: plan.url.replace(/^(\w+:\/\/)[^/]+/, (_all, scheme: string) => `${scheme}${endpoint(realServer.rip, port)}`),
  }));
  const runs: ControlRun[] = [];
  for (const target of [{ url: plan.url }, ...targets]) {
    if (signal.aborted) break;
    runs.push(await one(target, small, drive));
  }
  return { requests, concurrency, runs };
}

async function one(
  target: { readonly realServer?: string; readonly url: string },
  plan: LoadPlan,
  drive: (plan: LoadPlan) => Promise<LoadResult>,
): Promise<ControlRun> {
  try {
    const { answered, failed, connect, total, errors } = await drive({ ...plan, url: target.url });
    const [kind] = Object.entries(errors.byKind).sort(([, a], [, b]) => b - a)[0] ?? [];
    return {
      ...target,
      answered,
      failed,
      ...(connect === undefined ? {} : { connect }),
      ...(total === undefined ? {} : { total }),
      ...(answered > 0 ? {} : { problem: `not reached from ${plan.client}: ${kind ?? 'no answer'}` }),
    };
  } catch (error) {
    const { message } = asIpvetError(error, 'LOAD', `control run to ${target.url}`);
    return { ...target, answered: 0, failed: 0, problem: message };
  }
}
