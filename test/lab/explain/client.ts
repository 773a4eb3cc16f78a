/** Runs in the client's network: one connection from each place, one after another, and who answered it. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Place {
  readonly address: string;
  /** Absent is any. */
  readonly port?: number;
}

export interface ClientPlan {
  readonly vip: string;
  readonly port: number;
  readonly from: readonly Place[];
  /** How long each is held once it was answered. */
  readonly holdMs: number;
}

/** Name of the real server, or the error's code. */
export type Seen = string;

const answerWithinMs = 5000;

async function one({ vip, port, holdMs }: ClientPlan, { address, port: localPort }: Place): Promise<Seen> {
  const socket = connect({ host: vip, port, localAddress: address, ...(localPort === undefined ? {} : { localPort }) });
  socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('TIMEOUT')));
  const seen = await new Promise<Seen>((resolve) => {
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      if (text.includes('\r\n\r\n')) resolve(/^x-real-server:\s*(\S+)/im.exec(text)?.[1] ?? 'nobody');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    socket.once('connect', () => socket.write(`GET / HTTP/1.1\r\nHost: ${vip}\r\n\r\n`));
  });
  await sleep(holdMs);
  socket.destroy();
  return seen;
}

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;
const all: Seen[] = [];
for (const place of plan.from) all.push(await one(plan, place));
process.stdout.write(JSON.stringify(all));
