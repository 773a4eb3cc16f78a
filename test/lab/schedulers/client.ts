/** Runs in the client's network: opens connections from several addresses, holds each for a while, and says where each went. */
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ClientPlan {
  readonly vip: string;
  readonly port: number;
  /** Connections take them in turn. */
  readonly sources: readonly string[];
  readonly connections: number;
  readonly concurrency: number;
  /** Shortest and longest time a connection is held once it was answered. */
  readonly holdMs: readonly [number, number];
}

export interface SeenConnection {
  readonly source: string;
  readonly port: number;
  /** Absent when it was refused or not answered. */
  readonly server?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const answerWithinMs = 5000;

async function drive(plan: ClientPlan): Promise<readonly SeenConnection[]> {
  const seen: SeenConnection[] = [];
  const startMs = performance.now();
  let begun = 0;
  const place = async () => {
    while (begun < plan.connections) seen.push(await one(plan, begun++, startMs));
  };
  await Promise.all(Array.from({ length: plan.concurrency }, place));
  return seen;
}

async function one({ vip, port, sources, holdMs }: ClientPlan, turn: number, startMs: number): Promise<SeenConnection> {
  const source = sources[turn % sources.length] ?? '';
  const fromMs = performance.now() - startMs;
  const socket = connect({ host: vip, port, localAddress: source });
  socket.setTimeout(answerWithinMs, () => socket.destroy());
  const server = await new Promise<string | undefined>((resolve) => {
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      const name = /^x-real-server:\s*(\S+)/im.exec(text)?.[1];
      if (text.includes('\r\n\r\n')) resolve(name);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
    socket.once('close', () => {
      resolve(undefined);
    });
    socket.once('connect', () => socket.write(`GET / HTTP/1.1\r\nHost: ${vip}\r\n\r\n`));
  });
  const [least, most] = holdMs;
  if (server !== undefined) await sleep(least + (most - least) * Math.random());
  const toMs = performance.now() - startMs;
  const localPort = socket.localPort ?? 0;
  socket.destroy();
  return { source, port: localPort, ...(server === undefined ? {} : { server }), fromMs, toMs };
}

const all: (readonly SeenConnection[])[] = [];
for (const plan of JSON.parse(process.argv[2] ?? '') as readonly ClientPlan[]) all.push(await drive(plan));
process.stdout.write(JSON.stringify(all));
