/** A thread of the connection engine, when there are several: runs its loop and sends what it saw. */
import { parentPort, workerData } from 'node:worker_threads';
import { Board } from './board.ts';
import { ThreadWatch } from './generator-watch.ts';
import { Loop } from './loop.ts';
import { PortBook } from './port-book.ts';
import type { ThreadData, ThreadPart } from './threads.ts';

const { options, board, ports } = workerData as ThreadData;
/** Told when all threads are ready: when the load begins, on the clock that they share. */
parentPort?.once('message', (startAtMs: number) => {
  const watch = new ThreadWatch();
  void new Loop(options, new Board(board), new PortBook(ports), startAtMs).run().then((part) => {
    parentPort?.postMessage({ part, figures: watch.stop() } satisfies ThreadPart);
  });
});
parentPort?.postMessage('ready');
