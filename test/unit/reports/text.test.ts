import { expect } from 'chai';
import { renderText } from '../../../reports/text.ts';
import { caseNamed } from '../../golden/cases.ts';

const lines = (name: string, width?: number) =>
  renderText(caseNamed(name), { color: false, ...(width === undefined ? {} : { width }) })
    .trimEnd()
    .split('\n');

describe('text summary', () => {
  it('is short when all is well, and ends with verdict and exit code', () => {
    expect(lines('healthy')).to.have.length.below(25);
    expect(lines('healthy').at(-1)).to.equal('PASS (exit code 0)');
  });

  it('names cause, host, certainty and the command that mends it before anything else', () => {
    const text = lines('nat-rs-gateway').join('\n');
    const order = [
      'nat-rs-gateway-not-director on rs2, service web · certain',
      'because rs2 routes 192.168.122.1 via 10.10.10.254',
      'ip route replace default via 10.10.10.1 dev eth1',
      'ruled out rs-service-down',
      'Failed, and not explained above: 1',
      'director/ip-forward@director1',
      'Warnings: 1',
      'Load      web smoke: 1,334 of 2,000 answered, 666 failed',
      'Checks    4 failed',
      'FAIL (exit code 1)',
    ].map((part) => text.indexOf(part));
    expect(order).to.not.include(-1);
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
  });

  it('says which host kept the run from being conclusive', () => {
    const text = lines('unreachable').join('\n');
    expect(text)
      .to.contain('Not evaluated: 9 checks of 41')
      .and.to.contain('rs3 (10.10.10.30:22) did not answer within 5 s');
    expect(text).to.match(/INCONCLUSIVE \(exit code 3\)$/);
  });

  it('wraps sentences to the width and leaves commands whole', () => {
    const narrow = lines('nat-rs-gateway', 60);
    expect(narrow.filter((line) => line.startsWith('   because ')).every((line) => line.length <= 60)).to.equal(true);
    expect(narrow).to.include('     ip route replace default via 10.10.10.1 dev eth1');
  });

  it('has no escape character without colour, whatever hosts printed', () => {
    expect(lines('hostile').join('\n')).to.not.match(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(lines('hostile').join('\n')).to.contain('NOT restored: 1 change still on the cluster');
  });

  it('colours only when asked to', () => {
    expect(renderText(caseNamed('nat-rs-gateway'), { color: true })).to.contain('\u001b[31m');
  });

  it('says of a run without any verdict that nothing was evaluated', () => {
    expect(lines('empty').join('\n')).to.contain('Checks    none planned').and.to.contain('Nothing was evaluated.');
  });
});
