import { expect } from 'chai';
import { parseFramesReceived } from '../../../lib/parse/interface-counters.ts';

const head = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;
const line = (name: string, packets: number) =>
  `${name.padStart(6)}: 1637895 ${packets}    0    0    0     0          0         0   225974    1454    0    0    0     0       0          0\n`;

describe('/proc/net/dev', () => {
  it('counts what network interfaces and the loopback received, and not what stands on another interface', () => {
    const text = `${head}${line('lo', 1000)}${line('eth0', 40)}${line('enp0s31f6', 2)}${line('tunl0', 7)}${line('br0', 9)}`;
    expect(parseFramesReceived(text)).to.equal(1042);
  });

  it('says nothing where there is none, or something else', () => {
    for (const text of ['', head, `${head}${line('lo', 3)}`, 'cat: /proc/net/dev: Permission denied\n'])
      expect(parseFramesReceived(text), text).to.equal(undefined);
  });
});
