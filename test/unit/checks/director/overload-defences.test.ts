import { expect } from 'chai';
import { overloadDefences as check } from '../../../../checks/director/overload-defences.ts';
import { aCluster, hostNamed } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster();
const { sysctl } = factsOf(cluster, hostNamed(cluster, 'director1'));
const when = (values: Readonly<Record<string, string>>) =>
  judge(check, { facts: { director1: { sysctl: { ...sysctl, ...values } } } });

describe('director/overload-defences', () => {
  it('passes while they are off or wait for memory to run short', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(when({ 'net.ipv4.vs.drop_packet': '1', 'net.ipv4.vs.drop_entry': '1' }).outcome).to.equal('pass');
  });

  for (const name of ['drop_packet', 'drop_entry', 'secure_tcp']) {
    it(`finds ${name} active, by the kernel or always`, () => {
      const key = `net.ipv4.vs.${name}`;
      for (const [value, mended] of [
        ['2', '0'],
        ['3', '1'],
      ] as const) {
        const { outcome, reason, remedy } = finding(when({ [key]: value }));
        expect(outcome).to.equal('fail');
        expect(reason).to.include(`${key}=${value}`);
        expect(remedy?.commands).to.deep.equal([`sysctl -w ${key}=${mended}`]);
        expect(remedy?.undo?.[0]).to.equal(`sysctl -w ${key}=${value}`);
      }
    });
  }

  it('names all that are active', () => {
    expect(
      finding(when({ 'net.ipv4.vs.drop_packet': '3', 'net.ipv4.vs.drop_entry': '3' })).remedy?.commands,
    ).to.have.length(2);
  });

  it('does not apply before IPVS is loaded, and cannot tell without one of them', () => {
    expect(judge(check, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('not-applicable');
    expect(judge(check, { facts: { director1: { sysctl: { 'net.ipv4.vs.drop_packet': '0' } } } }).outcome).to.equal(
      'error',
    );
  });
});
