import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { activeDirector, mayBeActive } from '../../../lib/run/active-director.ts';
import type { ExecResult, Fleet, Host } from '../../../lib/ssh/host.ts';
import { aDirector } from '../../builders.ts';

const directors = ['director1', 'director2', 'director3'].map((name) => aDirector({ name }));
const [first = aDirector(), second = aDirector(), third = aDirector()] = directors;

/** Directors with addresses; one that is not named cannot be reached. */
function fleetOf(addresses: Readonly<Record<string, readonly string[]>>, asked: string[] = []): Fleet {
  return {
    host: (name) => {
      asked.push(name);
      const own = addresses[name];
      if (own === undefined) return Promise.reject(new IpvetError('SSH_UNREACHABLE', `${name} is off`));
      const stdout = own.map((entry) => `2: ${entry.replace(' ', '    inet ')} scope global x\\`).join('\n');
      const exec = () => Promise.resolve({ stdout } as ExecResult);
      return Promise.resolve({ exec } as unknown as Host);
    },
    close: () => Promise.resolve(),
  };
}

const active = (fleet: Fleet, limit: readonly string[] = [], all = directors) =>
  activeDirector(
    { cluster: { directors: all }, fleet, signal: new AbortController().signal, limit },
    { vip: '192.168.122.100' },
    first,
  );

describe('the director that clients talk to', () => {
  it('is the one that has the VIP on a network interface', async () => {
    const fleet = fleetOf({
      director1: ['eth0 192.168.122.10/24', 'lo 192.168.122.100/32'],
      director2: ['eth0 192.168.122.9/24', 'eth0 192.168.122.100/32'],
      director3: ['eth0 192.168.122.8/24'],
    });
    expect(await active(fleet)).to.equal(second);
  });

  it('is found though another one is off', async () => {
    expect(await active(fleetOf({ director3: ['eth0 192.168.122.100/32'] }))).to.equal(third);
  });

  it('is the declared one where nobody has the VIP, or it has no peer, which is then not asked', async () => {
    expect(await active(fleetOf({ director2: ['eth0 192.168.122.9/24'] }))).to.equal(first);
    const asked: string[] = [];
    expect(await active(fleetOf({}, asked), [], [first])).to.equal(first);
    expect(asked).to.deep.equal([]);
  });

  it('is looked for among the hosts of --limit only', async () => {
    const asked: string[] = [];
    expect(await active(fleetOf({ director2: ['eth0 192.168.122.100/32'] }, asked), ['director1'])).to.equal(first);
    expect(asked).to.deep.equal(['director1']);
    expect(mayBeActive({ directors }, ['client1', 'director2'])).to.deep.equal([second]);
  });
});
