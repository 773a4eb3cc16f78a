import { expect } from 'chai';
import { clockOffset } from '../../../../checks/network/clock-offset.ts';
import { type ClockReading, missing } from '../../../../lib/model/facts.ts';
import { aCluster, aRealServer } from '../../../builders.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const clock = (offsetMs: number, errorMs = 10): { clock: ClockReading } => ({
  clock: { offsetMs, errorMs, source: 'chrony', synchronised: true },
});
const outcome = (on: string, offsets: Readonly<Record<string, ReturnType<typeof clock>>>): string =>
  judge(clockOffset, { on, facts: offsets }).outcome;

describe('network/clock-offset', () => {
  it('passes when clocks agree, also far from the runner', () => {
    expect(outcome('rs1', {})).to.equal('pass');
    const all = Object.fromEntries(
      ['director1', 'rs1', 'rs2', 'rs3', 'client1'].map((name) => [name, clock(86_400_000)]),
    );
    expect(outcome('rs1', all)).to.equal('pass');
  });

  it('warns above 1 s on the host that is off, and on no other', () => {
    const facts = { rs2: clock(2500) };
    const { outcome: what, reason } = finding(judge(clockOffset, { on: 'rs2', facts }));
    expect(what).to.equal('warn');
    expect(reason).to.include('rs2 is 2.50 s ahead of').and.include('4 hosts of 4');
    for (const on of ['director1', 'rs1', 'rs3', 'client1']) expect(outcome(on, facts), on).to.equal('pass');
  });

  it('fails above 30 s, and quotes both clocks', () => {
    const judgement = judge(clockOffset, { on: 'rs2', facts: { rs2: clock(-300_000) } });
    expect(judgement.outcome).to.equal('fail');
    expect(finding(judgement).reason).to.include('300.0 s behind');
    expect(quoted(judgement)).to.match(/rs2: .*\n(?!rs2)/);
    expect(finding(judgement).remedy?.commands).to.deep.equal(['chronyc makestep']);
  });

  it('blames both of two hosts', () => {
    const cluster = aCluster({ realServers: [aRealServer(1)], clients: [] });
    const facts = { rs1: clock(60_000) };
    expect(judge(clockOffset, { cluster, on: 'rs1', facts }).outcome).to.equal('fail');
    expect(judge(clockOffset, { cluster, on: 'director1', facts }).outcome).to.equal('fail');
  });

  it('blames every host of two groups of the same size, and the smaller of two', () => {
    const cluster = aCluster({ realServers: [1, 2, 3].map((number) => aRealServer(number)), clients: [] });
    const halves = { rs2: clock(5000), rs3: clock(5000) };
    for (const on of ['director1', 'rs1', 'rs2', 'rs3'])
      expect(judge(clockOffset, { cluster, on, facts: halves }).outcome).to.equal('warn');
    expect(outcome('rs2', halves)).to.equal('warn');
    expect(outcome('rs1', halves)).to.equal('pass');
  });

  it('does not lose a difference that no majority sees', () => {
    const cluster = aCluster({ realServers: [aRealServer(1), aRealServer(2)], clients: [] });
    const facts = { director1: clock(0), rs1: clock(800), rs2: clock(1600) };
    expect(judge(clockOffset, { cluster, on: 'director1', facts }).outcome).to.equal('warn');
    expect(judge(clockOffset, { cluster, on: 'rs1', facts }).outcome).to.equal('pass');
    expect(judge(clockOffset, { cluster, on: 'rs2', facts }).outcome).to.equal('warn');
  });

  it('cannot tell within its error bound, and leaves the others alone', () => {
    const facts = { rs2: clock(100, 1500) };
    expect(outcome('rs2', facts)).to.equal('error');
    expect(outcome('rs1', facts)).to.equal('pass');
  });

  it('tells apart in spite of a wide bound', () => {
    expect(outcome('rs2', { rs2: clock(100_000, 1500) })).to.equal('fail');
    expect(outcome('rs2', { rs2: clock(10_000, 1500) })).to.equal('warn');
  });

  it('says who could not be compared, and cannot tell with nobody', () => {
    const silent = { clock: missing('unreachable', 'no answer') };
    const judgement = judge(clockOffset, { on: 'rs1', facts: { rs3: silent } });
    expect(judgement).to.have.nested.property('found.notCompared').that.deep.equals(['rs3']);
    const alone = { director1: silent, rs2: silent, rs3: silent, client1: silent };
    expect(judge(clockOffset, { on: 'rs1', facts: alone }).outcome).to.equal('error');
  });

  it('does not apply to a single host', () => {
    expect(judge(clockOffset, { cluster: aCluster({ realServers: [], clients: [] }) }).outcome).to.equal(
      'not-applicable',
    );
  });
});
