import { expect } from 'chai';
import { address } from '../../../../checks/real-server/address.ts';
import { anAddress } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const when = (...addresses: readonly ReturnType<typeof anAddress>[]) =>
  judge(address, { on: 'rs2', facts: { rs2: { addresses } } });
const lo = anAddress('lo', '127.0.0.1');

describe('real-server/address', () => {
  it('passes with the RIP, on any interface that is up', () => {
    expect(judge(address, { on: 'rs2' }).outcome).to.equal('pass');
    expect(when(lo, anAddress('bond0.12', '10.10.10.20')).outcome).to.equal('pass');
  });

  it('fails without it, and says what there is', () => {
    const { outcome, reason, remedy } = finding(when(lo, anAddress('eth0', '10.10.10.21')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('10.10.10.20').and.include('it has 10.10.10.21');
    expect(remedy?.commands).to.deep.equal(['ip address add 10.10.10.20/32 dev eth0']);
    expect(remedy?.summary, 'the files have it').to.not.include('by hand');
    const persistedNetwork = { files: [], addresses: [], gateways: [], other: [] };
    const lost = judge(address, {
      on: 'rs2',
      facts: { rs2: { addresses: [anAddress('eth0', '10.10.10.21')], persistedNetwork } },
    });
    expect(finding(lost).remedy?.summary).to.include(
      'for the next boot, by hand: no file that is known here names eth0',
    );
  });

  it('proposes nothing where there is no interface to give it to', () => {
    expect(finding(when(lo)).remedy).to.equal(undefined);
  });

  it('fails with it on an interface that is down', () => {
    const { outcome, remedy } = finding(when(lo, anAddress('eth0', '10.10.10.20', { up: false })));
    expect(outcome).to.equal('fail');
    expect(remedy?.undo).to.deep.equal(['ip link set eth0 down']);
  });
});
