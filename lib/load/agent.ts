/**
 * The load agent: a process of its own, so that reading the connection table, writing the journal and drawing progress
 * do not slow the load down, and so that it can live in the client's network namespace. Started by drive.ts.
 */
import { createInterface } from 'node:readline';
import { asIpvetError } from '../errors.ts';
import type { AgentReport, AgentRequest } from './agent-messages.ts';
import type { LoadOptions, LoadOutcome, LoadPlan } from './engine.ts';

const interrupted = new AbortController();

function report(message: AgentReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Each engine brings its own libraries; only the one that is needed is loaded. */
async function drive(plan: LoadPlan, options: LoadOptions): Promise<LoadOutcome> {
  if (plan.profile.mode === 'keepalive') return (await import('./keepalive-engine.ts')).driveKeepAlive(plan, options);
  return (await import('./connection-engine.ts')).driveConnections(plan, options);
}

async function answer({ plan, endpoints, reportProgress }: Extract<AgentRequest, { kind: 'drive' }>): Promise<void> {
  const { signal } = interrupted;
  const onProgress: LoadOptions['onProgress'] = (progress) => {
    report({ kind: 'progress', progress });
  };
  try {
    const result = await drive(plan, { endpoints, signal, ...(reportProgress ? { onProgress } : {}) });
    report({ kind: 'result', result });
  } catch (error) {
    const { code, message, hint } = asIpvetError(error, 'LOAD', `load on ${plan.url}`);
    report({ kind: 'error', code, message, ...(hint === undefined ? {} : { hint }) });
  }
  input.close();
  process.stdin.destroy();
}

// drive.ts decides when to stop; a Ctrl-C meant for it must not end the agent before its result is out.
process.on('SIGINT', () => undefined);

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const request = JSON.parse(line) as AgentRequest;
  if (request.kind === 'stop') interrupted.abort();
  else void answer(request);
});
process.stdin.on('end', () => process.exit(1));
