import { expect } from 'chai';
import { vipNeighbour as check } from '../../../../checks/network/vip-neighbour.ts';
import { missing, type Neighbour } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, hostNamed, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';
import { anAddress, type FactChanges, macOf } from '../../../host-facts.ts';

const cluster = aCluster();
const right = macOf(cluster, hostNamed(cluster, 'director1'));
const rs2 = macOf(cluster, hostNamed(cluster, 'rs2'));
const entry = (mac: string | undefined, state = 'reachable'): Neighbour => ({
  address: vip,
  interface: 'eth0',
  state,
  ...(mac === undefined ? {} : { mac }),
});
const when = (neighbours: readonly Neighbour[], director1: FactChanges = {}) =>
  judge(check, { on: 'client1', cluster, facts: { client1: { neighbours }, director1 } });

describe('network/vip-neighbour', () => {
  it('passes with the MAC of the director', () => {
    expect(when([entry(right)])).to.deep.include({ outcome: 'pass', found: { [vip]: right } });
  });

  it("fails with a real server's MAC, and with a foreign one", () => {
    const { outcome, reason, remedy } = finding(when([entry(rs2, 'stale')]));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('client1').and.include(rs2).and.include('which is rs2').and.include('director1');
    expect(remedy?.commands).to.deep.equal([`ip neigh del ${vip} dev eth0`]);
    expect(remedy?.undo?.[0]).to.include(`lladdr ${rs2}`);
    const foreign = finding(when([entry('02:00:00:00:00:99', 'permanent')]));
    expect(foreign.reason).to.include('no host of the cluster file');
    expect(foreign.remedy?.undo?.[0]).to.include('nud permanent');
  });

  it('blames the real server for what it is heard doing, and leaves the entry to go when it no longer does', () => {
    const direct = aDirectCluster('dr');
    const [own, thief] = ['director1', 'rs2'].map((name) => macOf(direct, hostNamed(direct, name)));
    const judged = (answers: readonly (string | undefined)[], on = 'lo') =>
      finding(
        judge(check, {
          on: 'client1',
          cluster: direct,
          facts: {
            client1: { neighbours: [entry(thief)] },
            rs1: {
              vipCensus: {
                questions: [
                  { vip, interface: 'eth0', source: '192.168.122.11', answers: answers.flatMap((mac) => mac ?? []) },
                ],
              },
            },
            rs2: { addresses: [anAddress('eth0', '192.168.122.12'), anAddress(on, vip, { prefixLength: 32 })] },
          },
        }),
      );
    expect(judged([own, thief])).to.deep.include({ faults: ['rs-arp-flux'], culprits: ['rs2'] });
    expect(judged([own, thief])).not.to.have.property('remedy');
    expect(judged([own, thief], 'eth0').faults).to.deep.equal(['rs-vip-on-nic']);
    const silent = judged([own]);
    expect(silent).to.deep.include({ faults: ['rs-arp-announce-leak'], culprits: ['rs2'] });
    expect(silent.remedy?.commands).to.deep.equal([`ip neigh del ${vip} dev eth0`]);
  });

  it('has nothing to say of entries that are not in use, or where there is none', () => {
    expect(when([]).outcome).to.equal('not-applicable');
    expect(when([entry(undefined, 'failed')]).outcome).to.equal('not-applicable');
    expect(when([entry(rs2, 'failed')]).outcome).to.equal('not-applicable');
    expect(when([{ ...entry(rs2), address: '192.168.122.10' }]).outcome).to.equal('not-applicable');
  });

  it('cannot tell while nobody is known to have the VIP, and says whose word is missing', () => {
    for (const silent of [{ addresses: missing('unreachable', 'x') }, { links: missing('unreachable', 'x') }]) {
      const verdict = when([entry(rs2)], silent);
      expect(verdict).to.have.property('outcome', 'error');
      expect(verdict)
        .to.have.property('reason')
        .that.matches(/director1 .* not known, .* client1/);
    }
    const verdict = when([entry(rs2)], { addresses: [] });
    expect(verdict).to.have.property('outcome', 'error');
    expect(verdict).to.have.property('reason').that.includes('No director has the VIP');
  });
});
