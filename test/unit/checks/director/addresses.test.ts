import { expect } from 'chai';
import { addresses } from '../../../../checks/director/addresses.ts';
import { aCluster, aDirector, dip } from '../../../builders.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

describe('director/addresses', () => {
  it('passes with the DIP on its interface, and quotes it', () => {
    const judgement = judge(addresses);
    expect(judgement.outcome).to.equal('pass');
    expect(quoted(judgement)).to.include('10.10.10.1/24').and.not.include('127.0.0.1');
  });

  it('fails without the DIP and says how to add it', () => {
    const { outcome, reason, remedy } = finding(
      judge(addresses, { facts: { director1: { addresses: [anAddress('eth1', '10.10.10.11')] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1').and.include(dip);
    expect(remedy?.commands).to.deep.equal(['ip address add 10.10.10.1/32 dev eth1']);
    expect(remedy?.undo).to.deep.equal(['ip address del 10.10.10.1/32 dev eth1']);
  });

  it('fails with the DIP on an interface that is down', () => {
    const { outcome, reason } = finding(
      judge(addresses, { facts: { director1: { addresses: [anAddress('eth1', dip, { up: false })] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('down');
  });

  it('fails with the DIP on another interface than declared', () => {
    const { outcome, reason } = finding(
      judge(addresses, { facts: { director1: { addresses: [anAddress('eth0', dip)] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('eth0').and.include('eth1');
  });

  it('takes the same IPv6 address in another spelling, and the entry that is up', () => {
    const cluster = aCluster({ directors: [aDirector({ dip: 'FD00::1' })] });
    const entries = [anAddress('eth1', 'fd00::1', { up: false }), anAddress('eth1', 'fd00:0::1')];
    expect(judge(addresses, { cluster, facts: { director1: { addresses: entries } } }).outcome).to.equal('pass');
  });
});
