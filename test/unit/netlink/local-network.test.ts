import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { parseIpAddressJson } from '../../../lib/parse/ip-address.ts';
import { localNetwork } from '../../../lib/netlink/local-network.ts';

const run = promisify(execFile);
const destinations = [{ destination: '127.0.0.1' }, { destination: '::1' }];

describe('network of this machine', function () {
  this.timeout(30_000);
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('has the addresses that ip shows, and the kernel decides routes', async () => {
    const [{ network }, { stdout }] = await Promise.all([localNetwork({ destinations }), run('ip', ['-j', 'addr'])]);
    if (network === undefined || 'error' in network) throw new Error(network?.error);
    // Others bring interfaces up and down meanwhile: those of the loopback stay.
    const loopback = (rows: typeof network.value.addresses) => rows.filter((row) => row.interface === 'lo');
    expect(loopback(network.value.addresses)).to.have.deep.members([...loopback(parseIpAddressJson(stdout))]);
    expect(network.value.routes[0]).to.deep.equal({
      destination: '127.0.0.1',
      outcome: 'local',
      interface: 'lo',
      source: '127.0.0.1',
    });
  });

  it('is asked inside another namespace by the agent', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const inside = async (argv: readonly string[], stdin: string): Promise<string> => {
      const child = run('unshare', ['--net', ...argv]);
      child.child.stdin?.end(stdin);
      return (await child).stdout;
    };
    const { network } = await localNetwork({ destinations: [{ destination: '192.0.2.1' }] }, inside);
    // A new namespace has a loopback that is down and no routes.
    expect(network).to.deep.equal({
      value: { addresses: [], routes: [{ destination: '192.0.2.1', outcome: 'no-route' }] },
    });
  });

  it('says why a name server did not answer, and goes on', async () => {
    const { names, network } = await localNetwork({
      destinations,
      names: [{ name: 'www.example.com', server: '127.0.0.1:1' }],
    });
    expect(names).to.have.property('error').that.includes('www.example.com');
    expect(network).to.have.property('value');
  });
});
