import { expect } from 'chai';
import { address } from '../../../../checks/client/address.ts';
import { cip } from '../../../builders.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (...addresses: readonly ReturnType<typeof anAddress>[]) =>
  judge(address, { facts: { client1: { addresses } } });

describe('client/address', () => {
  it('passes with the CIP', () => {
    expect(judge(address).outcome).to.equal('pass');
  });

  it('fails without it, and says what there is', () => {
    const { outcome, reason } = finding(when(anAddress('lo', '127.0.0.1'), anAddress('eth0', '192.168.122.7')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('client1').and.include(cip).and.include('it has 192.168.122.7');
  });

  it('fails with it on an interface that is down', () => {
    const { outcome, remedy } = finding(when(anAddress('eth0', cip, { up: false })));
    expect(outcome).to.equal('fail');
    expect(remedy?.commands).to.deep.equal(['ip link set eth0 up']);
  });
});
