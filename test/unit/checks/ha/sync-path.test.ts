import { expect } from 'chai';
import { syncPath } from '../../../../checks/ha/sync-path.ts';
import type { ConnectionSync } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { iptables } from '../../../packet-filter.ts';
import { aPair } from '../../../pair-facts.ts';
import { pairJudged } from './pair.ts';

const cluster = aPair();
const standby = (change: object, first: object = {}) =>
  pairJudged(syncPath, { director1: first, director2: change }, cluster, 'director2');
const taking = (id: number, synced?: number): { connectionSync: ConnectionSync } => ({
  connectionSync: {
    daemons: [{ role: 'backup', interface: 'eth0', id }],
    ...(synced === undefined ? {} : { rows: { local: 0, synced } }),
  },
});

describe('ha/sync-path', () => {
  it('passes on both', () => {
    expect(pairJudged(syncPath).outcome).to.equal('pass');
    expect(standby({}).outcome).to.equal('pass');
  });

  it('warns where a filter stops the messages, on the way in or out', () => {
    const input = iptables('filter', '-A INPUT -p udp -m udp --dport 8848 -j DROP');
    expect(finding(standby({ firewall: input })).reason).to.include('director2 drops messages of the connection sync');
    const output = iptables('filter', '-P OUTPUT DROP');
    expect(finding(pairJudged(syncPath, { director1: { firewall: output } })).reason).to.include('director1 drops');
  });

  it('warns where nobody listens, and where nothing arrived', () => {
    expect(finding(standby({ listeners: [] })).reason).to.include('no socket on 224.0.0.81');
    expect(finding(standby(taking(51, 0))).reason).to.include(
      'director1 has 40 established connections, and director2 has been told of none',
    );
  });

  it('leaves few connections, another id and a table that nobody counted alone', () => {
    const few = {
      connectionSync: { daemons: [{ role: 'master', interface: 'eth0', id: 51 }], rows: { local: 3, synced: 0 } },
    };
    expect(standby(taking(51, 0), few).outcome).to.equal('pass');
    expect(standby(taking(6, 0)).outcome).to.equal('pass');
    expect(standby(taking(51)).outcome).to.equal('pass');
  });

  it('cannot tell past a condition it does not know', () => {
    const firewall = iptables('filter', '-A INPUT -p udp -m set --match-set some src -j DROP');
    expect(standby({ firewall }).outcome).to.equal('error');
  });

  it('does not apply to one director, nor without a daemon', () => {
    expect(judge(syncPath).outcome).to.equal('not-applicable');
    expect(standby({ connectionSync: { daemons: [] } }).outcome).to.equal('not-applicable');
  });
});
