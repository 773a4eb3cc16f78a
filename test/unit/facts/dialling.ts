/** Connections as sshd makes them for a host, from this machine. */
import { connect } from 'node:net';

import type { Dialled, Host } from '../../../lib/ssh/host.ts';

export const dial: NonNullable<Host['dial']> = (address, port, { timeoutMs }) =>
  new Promise<Dialled>((resolve) => {
    const stream = connect(port, address);
    stream.once('connect', () => {
      resolve({ stream });
    });
    stream.once('error', () => {
      resolve({ refused: 'refused' });
    });
    stream.setTimeout(timeoutMs, () => {
      resolve({ refused: 'timeout' });
    });
  });
