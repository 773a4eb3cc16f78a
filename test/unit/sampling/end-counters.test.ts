import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { startEnds } from '../../../lib/sampling/end-counters.ts';
import type { ExecResult, Host } from '../../../lib/ssh/host.ts';
import { shellHost } from '../facts/shell-host.ts';
import { aRealServer } from '../../builders.ts';

const signal = new AbortController().signal;
const ends = (...hosts: string[]) => hosts.map((host) => ({ host, role: 'real-server' as const }));

/** Says one text after the other. */
function saying(...texts: string[]): Host {
  return {
    declaration: aRealServer(1),
    user: 'ops',
    exec: (argv) =>
      Promise.resolve({
        argv,
        exitCode: 0,
        stdout: texts.shift() ?? '',
        stderr: '',
        truncated: false,
        durationMs: 1,
        requestedAtMs: 0,
      } satisfies ExecResult),
    spawn: () => Promise.reject(new IpvetError('INTERNAL', 'not part of this host')),
  };
}

const reading = (passive: number, overflows: number, more = '') =>
  `Tcp: ActiveOpens PassiveOpens\nTcp: 5 ${passive}\nTcpExt: ListenOverflows\nTcpExt: ${overflows}\nHalfOpen 3\n${more}`;

describe('counters of the ends of a load', () => {
  it('are differences; what a kernel does not count is absent', async () => {
    const started = await startEnds(ends('rs1'), () => Promise.resolve(host), signal);
    const [rs1] = await started.stop();
    expect(rs1).to.deep.equal({
      host: 'rs1',
      role: 'real-server',
      counts: { begun: 0, accepted: 250, listenOverflows: 7, packetsIn: 9 },
      halfOpen: 3,
    });
  }).timeout(5000);
  const host = saying(reading(100, 1, 'Ip6InReceives 1\n'), reading(350, 8, 'Ip6InReceives 10\n'));

  it('are a problem of their own host where it is not reached, says nothing, or was restarted', async () => {
    const hosts: Record<string, Host> = {
      rs2: saying('busybox', 'busybox'),
      rs3: saying(reading(100, 1), reading(2, 1)),
    };
    const connect = (name: string) => {
      const found = hosts[name];
      return found === undefined
        ? Promise.reject(new IpvetError('SSH_UNREACHABLE', `${name}: no route`))
        : Promise.resolve(found);
    };
    const started = await startEnds(ends('rs1', 'rs2', 'rs3'), connect, signal);
    const read = await started.stop();
    expect(read.map(({ counts }) => counts)).to.deep.equal([undefined, undefined, undefined]);
    const [rs1, rs2, rs3] = read.map(({ problem }) => problem);
    expect(rs1).to.equal('rs1: no route');
    expect(rs2).to.include('rs2 does not say what its TCP counts');
    expect(rs3).to.include('counters of rs3 went back (accepted)');
  });

  it('do not wait in haste for a host that is far slower to be reached than half of them', async () => {
    const hosts = Object.fromEntries(
      ['rs1', 'rs2'].map((name) => [name, saying(reading(1, 1), reading(3, 1))] as const),
    );
    let asked = 0;
    const connect = (name: string): Promise<Host> => {
      const found = hosts[name];
      if (found !== undefined) return Promise.resolve(found);
      asked++;
      return new Promise(() => undefined);
    };
    const started = await startEnds(ends('rs1', 'rs2', 'rs3'), connect, signal, { haste: true });
    const read = await started.stop();
    expect(read.map(({ counts }) => counts?.accepted)).to.deep.equal([2, 2, undefined]);
    expect(read[2]?.problem).to.equal('rs3 had not answered when the load began');
    expect(asked, 'it is not asked for a second reading that has no first one').to.equal(1);
  }).timeout(5000);

  it('are those of a real kernel', async () => {
    const here = await shellHost();
    try {
      const started = await startEnds(ends('here'), () => Promise.resolve(here), signal);
      const [reading0] = await started.stop();
      expect(reading0?.problem).to.equal(undefined);
      expect(reading0?.counts).to.include.all.keys(
        'begun',
        'accepted',
        'synRetransmits',
        'listenDrops',
        'packetsIn',
        'packetsDelivered',
      );
      expect(reading0?.halfOpen).to.be.at.least(0);
    } finally {
      await here.close();
    }
  });
});
