/** Probes a service from the client's place while something is done to its cluster. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { IpvetError } from '../errors.ts';
import type { KeptConnection, Probe } from '../model/failover.ts';
import { moduleArgv } from '../own-files.ts';
import { requireDeclared } from './declared-endpoints.ts';
import type { ProbePlan, ProbeReport, ProbeRequest } from './probe-plan.ts';
import { addressOf } from './target.ts';

const stopGraceMs = 5000;

export interface Probing {
  /** All that are over, in the order of their ends; grows. Times are ms since 1970. */
  readonly probes: readonly Probe[];
  /** Ends the agent. Throws LOAD when it had ended before. Idempotent. */
  stop(): Promise<readonly KeptConnection[]>;
}

/** Throws REFUSED for an address the cluster does not declare. */
export function startProbing(plan: ProbePlan, endpoints: readonly string[]): Probing {
  const { host, port } = addressOf(plan.load.url);
  requireDeclared(host, port, endpoints);
  const { netns } = plan.load;
  const agent = [process.execPath, ...moduleArgv('lib/load/probe-agent')];
  const [program = '', ...args] = netns === undefined ? agent : ['ip', 'netns', 'exec', netns, ...agent];
  // Of its own process group: a Ctrl-C on the terminal reaches this process only.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const probes: Probe[] = [];
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-4000);
  });
  child.stdin.on('error', () => undefined);
  const send = (request: ProbeRequest): void => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
  };
  const ended = new Promise<readonly KeptConnection[]>((resolve, reject) => {
    let kept: readonly KeptConnection[] | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as ProbeReport;
      if (message.kind === 'probes') probes.push(...message.probes);
      else if (message.kind === 'end') kept = message.kept;
      else said = message.message;
    });
    child.on('error', (cause) => {
      reject(new IpvetError('LOAD', `the probe agent could not be started: ${cause.message}`, { cause }));
    });
    child.on('close', () => {
      if (kept !== undefined) resolve(kept);
      else
        reject(
          new IpvetError('LOAD', `the probe agent ended without a result: ${said.trim().split('\n').at(-1) ?? ''}`),
        );
    });
  });
  ended.catch(() => undefined);
  send({ kind: 'start', plan, endpoints });
  let stopping: NodeJS.Timeout | undefined;
  return {
    probes,
    stop: () => {
      if (stopping === undefined) {
        send({ kind: 'stop' });
        stopping = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
        stopping.unref();
      }
      return ended;
    },
  };
}
