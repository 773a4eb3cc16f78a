import { expect } from 'chai';
import { configuration } from '../../../../checks/ha/configuration.ts';
import { parseConfigTest } from '../../../../lib/parse/keepalived-log.ts';
import { finding, judge } from '../../../judgement.ts';
import { transcript } from '../../parse/transcript.ts';
import { pairJudged } from './pair.ts';

const said = (name: string, exitCode = 5) =>
  pairJudged(configuration, {
    director1: {
      keepalivedTest: {
        exitCode,
        complaints: parseConfigTest(transcript(`config-test-${name}.txt`, 'keepalived-2.2.7')),
      },
    },
  });

describe('ha/configuration', () => {
  it('passes where keepalived has nothing to say, and where an include meets no file', () => {
    expect(pairJudged(configuration).outcome).to.equal('pass');
    expect(said('include', 0).outcome).to.equal('pass');
  });

  it('fails for what it leaves out, an interface, a brace', () => {
    const words = finding(said('words'));
    expect(words.reason).to.include("Unknown keyword 'prioritee'").and.include('ends with 5');
    expect(words.faults).to.deep.equal(['backup-not-running']);
    expect(finding(said('interface')).faults).to.deep.equal(['vrrp-wrong-interface']);
    expect(finding(said('brace')).outcome).to.equal('fail');
  });

  it('warns of what it takes another way', () => {
    const cleared = finding(said('nopreempt'));
    expect(cleared.outcome).to.equal('warn');
    expect(cleared.faults).to.deep.equal(['vrrp-preempt-flapping']);
    expect(finding(said('script')).faults).to.deep.equal(['vrrp-fault-by-track']);
    expect(finding(said('strict')).faults).to.deep.equal([]);
  });

  it('fails where it ends without a word, and does not apply to one director', () => {
    const silent = { keepalivedTest: { exitCode: 2, complaints: [] } };
    expect(finding(pairJudged(configuration, { director1: silent })).reason).to.include('did not say why');
    expect(judge(configuration).outcome).to.equal('not-applicable');
  });
});
