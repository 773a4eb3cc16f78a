import { expect } from 'chai';
import { sourcePool } from '../../../../checks/client/source-pool.ts';
import { aClient, aCluster, aClusterWith } from '../../../builders.ts';
import { aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const pool = ['192.168.122.1', '192.168.122.40', '192.168.122.41'];
const clients = [aClient({ pool, interface: 'eth0' })];
const ways = (others: Parameters<typeof aRoute>[1]) =>
  pool.map((source) => aRoute(source, source === pool[0] ? { gateway: '10.10.10.1' } : others));
const when = (facts: Readonly<Record<string, FactChanges>>) =>
  judge(sourcePool, { cluster: aCluster({ clients }), facts });
const through = { routes: ways({ gateway: '10.10.10.1' }) };
const all = { director1: through, rs1: through, rs2: through, rs3: through };

describe('client/source-pool', () => {
  it('passes when everybody answers every address as the first one, and says how many are there', () => {
    expect(when(all)).to.deep.include({
      outcome: 'pass',
      found: { addresses: 3, present: 1, asked: ['director1', 'rs1', 'rs2', 'rs3'] },
    });
  });

  it('fails and names the real server that answers past the director', () => {
    const { outcome, reason } = finding(when({ ...all, rs2: { routes: ways({ gateway: '10.10.10.254' }) } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.equal(
      'rs2 answers 192.168.122.40 and 1 more via 10.10.10.254 dev eth0, and 192.168.122.1 via 10.10.10.1 dev eth0',
    );
  });

  it('fails without a way back', () => {
    const { reason } = finding(when({ ...all, director1: { routes: ways({ outcome: 'unreachable' }) } }));
    expect(reason).to.include('director1 answers 192.168.122.40 and 1 more unreachable');
  });

  it('cannot tell what nobody said', () => {
    const judged = when({ ...all, rs3: { routes: ways({}).slice(0, 1) } });
    expect(judged.outcome).to.equal('error');
    expect('reason' in judged && judged.reason).to.include('rs3');
  });

  it('does not ask directors where they do not answer, and is none of a client with one address', () => {
    const cluster = aClusterWith({ forwarding: 'dr' }, { clients });
    expect(judge(sourcePool, { cluster, facts: all }))
      .to.have.nested.property('found.asked')
      .that.not.includes('director1');
    expect(judge(sourcePool).outcome).to.equal('not-applicable');
  });
});
