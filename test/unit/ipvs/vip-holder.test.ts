import { expect } from 'chai';
import { holdsVip, standbysFirst } from '../../../lib/ipvs/vip-holder.ts';
import type { ExecResult, Host } from '../../../lib/ssh/host.ts';

const { signal } = new AbortController();
const services = [{ vip: '192.168.122.100' }, { vip: '2001:db8::64' }];

/** Addresses with their interfaces, as `eth0 inet 192.168.122.10/24`. */
function having(...addresses: readonly string[]): Host {
  const stdout = addresses.map((entry) => `2: ${entry.replace(' ', '    ')} scope global x\\`).join('\n');
  return { exec: () => Promise.resolve({ stdout } as ExecResult) } as unknown as Host;
}

describe('the director that has the VIP', () => {
  it('is one with the VIP of any service on an interface of the network', async () => {
    expect(await holdsVip(having('eth0 inet 192.168.122.100/32'), services, signal)).to.equal(true);
    expect(await holdsVip(having('eth0 inet6 2001:db8::64/128'), services, signal)).to.equal(true);
    expect(
      await holdsVip(having('lo inet 192.168.122.100/32', 'eth0 inet 192.168.122.10/24'), services, signal),
    ).to.equal(false);
  });

  it('is changed after the others, which keep their order; one alone is not asked', async () => {
    const active = having('eth0 inet 192.168.122.100/32');
    const [first, second] = [having('eth0 inet 192.168.122.9/24'), having('eth0 inet 192.168.122.8/24')];
    expect(await standbysFirst([active, first, second], services, signal)).to.deep.equal([first, second, active]);
    const silent = { exec: () => Promise.reject(new Error('asked')) } as unknown as Host;
    expect(await standbysFirst([silent], services, signal)).to.deep.equal([silent]);
  });
});
