import { expect } from 'chai';
import { place as check } from '../../../../checks/client/place.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, cip, dip } from '../../../builders.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const here = (...addresses: readonly string[]) => ({
  client1: { addresses: addresses.map((one) => anAddress('eth0', one)) },
});

describe('client/place', () => {
  it('passes on a host of its own', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('pass');
  });

  it('fails on a real server with every method', () => {
    const { outcome, reason } = finding(judge(check, { facts: here(cip, '10.10.10.20') }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('is the real server rs2').and.include('do not come back');
    const direct = finding(
      judge(check, { cluster: aDirectCluster('dr'), facts: here('172.16.0.2', '192.168.122.12') }),
    );
    expect(direct.reason).to.include('talks to itself');
  });

  it('fails on a director with DR and TUN, and warns with NAT', () => {
    const cluster = aDirectCluster('tun');
    expect(finding(judge(check, { cluster, facts: here('192.168.122.10') })).outcome).to.equal('fail');
    expect(finding(judge(check, { facts: here(cip, dip) })).outcome).to.equal('warn');
  });

  it('finds the CIP on the other host, too', () => {
    const facts = { rs3: { addresses: [anAddress('eth0', '10.10.10.30'), anAddress('eth1', cip)] } };
    expect(finding(judge(check, { facts })).reason).to.include('rs3');
  });

  it('cannot tell when no other host says what it has', () => {
    const addresses = missing('unreachable', 'no answer');
    const facts = Object.fromEntries(['director1', 'rs1', 'rs2', 'rs3'].map((name) => [name, { addresses }]));
    expect(judge(check, { facts }).outcome).to.equal('error');
    expect(judge(check, { cluster: aCluster(), facts: { rs1: { addresses } } }).outcome).to.equal('pass');
  });
});
