/** Drives load in a process of its own, in the client's network namespace where it has one. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { IpvetError } from '../errors.ts';
import { moduleArgv } from '../own-files.ts';
import type { AgentReport, AgentRequest } from './agent-messages.ts';
import { requireDeclared } from './declared-endpoints.ts';
import type { DriveLoad, LoadOutcome, LoadPlan } from './engine.ts';
import { addressOf } from './target.ts';

/** How long the agent may take to answer after it was asked to stop; it gives open connections 0.5 s of that. */
const stopGraceMs = 5000;
const stderrLimit = 16 * 1024;

/** Rejects with REFUSED for an address the cluster does not declare, USAGE for a plan that cannot be run, LOAD when the agent could not begin or broke. */
export const driveLoad: DriveLoad = async (plan, { endpoints, signal, onProgress, after = Promise.resolve() }) => {
  // Before any process is started; the agent asks again of the address it connects to.
  const { host, port } = addressOf(plan.url);
  requireDeclared(host, port, endpoints);
  const [program, ...args] = agentCommand(plan);
  // Of its own process group: a Ctrl-C on the terminal reaches this process only, which then asks for the result so far.
  const agent = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const stderr = lastOf(agent, stderrLimit);
  const send = (request: AgentRequest) => {
    agent.stdin.write(`${JSON.stringify(request)}\n`);
  };
  // EPIPE when the agent died; its end is told by `close`.
  agent.stdin.on('error', () => undefined);

  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    send({ kind: 'stop' });
    killer ??= setTimeout(() => agent.kill('SIGKILL'), stopGraceMs);
  };
  try {
    return await new Promise<LoadOutcome>((resolve, reject) => {
      let answer: Extract<AgentReport, { kind: 'result' | 'error' }> | undefined;
      createInterface({ input: agent.stdout }).on('line', (line) => {
        const message = parsed(line);
        if (message === undefined) return;
        if (message.kind === 'progress') onProgress?.(message.progress);
        else answer = message;
      });
      agent.on('error', (cause) => {
        reject(new IpvetError('LOAD', `the load agent could not be started: ${cause.message}`, { cause }));
      });
      agent.on('close', (code, killedBy) => {
        if (answer?.kind === 'result') resolve(answer.result);
        else if (answer === undefined) reject(broken(plan, killedBy ?? `exit code ${String(code)}`, stderr()));
        else
          reject(new IpvetError(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint }));
      });
      after.then(
        () => {
          send({ kind: 'drive', plan, endpoints, reportProgress: onProgress !== undefined });
          if (signal.aborted) stop();
          else signal.addEventListener('abort', stop, { once: true });
        },
        (error: unknown) => {
          agent.kill('SIGKILL');
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  } finally {
    clearTimeout(killer);
    signal.removeEventListener('abort', stop);
  }
};

function agentCommand({ netns }: LoadPlan): [string, ...string[]] {
  const agent = [process.execPath, ...moduleArgv('lib/load/agent')] as const;
  if (netns === undefined) return [...agent];
  return ['ip', 'netns', 'exec', netns, ...agent];
}

function parsed(line: string): AgentReport | undefined {
  try {
    return JSON.parse(line) as AgentReport;
  } catch {
    return undefined;
  }
}

/** The end of what the agent said on standard error. */
function lastOf(agent: ChildProcessWithoutNullStreams, limit: number): () => string {
  let text = '';
  agent.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-limit);
  });
  return () => text;
}

function broken(plan: LoadPlan, how: string, stderr: string): IpvetError {
  const said = stderr.trim().split('\n').slice(-5).join('\n');
  const where = plan.netns === undefined ? '' : ` in network namespace ${plan.netns}`;
  return new IpvetError(
    'LOAD',
    `the load agent${where} ended (${how}) without a result${said === '' ? '' : `: ${said}`}`,
    {
      hint:
        plan.netns === undefined
          ? 'Look at the lines it printed; a machine short of memory kills the largest process first'
          : `See that \`ip netns list\` names ${plan.netns} and that you are root`,
    },
  );
}
