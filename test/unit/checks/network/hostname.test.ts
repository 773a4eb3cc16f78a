import { expect } from 'chai';
import { hostname } from '../../../../checks/network/hostname.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aClient, aCluster } from '../../../builders.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const when = (on: string, facts: Readonly<Record<string, FactChanges>>) => judge(hostname, { on, facts });

describe('network/hostname', () => {
  it('passes with the declared name, short or full', () => {
    expect(when('rs1', {}).outcome).to.equal('pass');
    expect(when('rs1', { rs1: { hostname: 'rs1.example.com' } }).outcome).to.equal('pass');
  });

  it('passes with another name that nobody else has, and shows it', () => {
    const judgement = when('rs1', { rs1: { hostname: 'web-17' } });
    expect(judgement).to.deep.include({ outcome: 'pass', found: { hostname: 'web-17', declared: 'rs1' } });
  });

  it('fails on the host that has the name of another, and not on the one whose it is', () => {
    const facts = { rs2: { hostname: 'rs1' } };
    const { outcome, reason, remedy } = finding(when('rs2', facts));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2 calls itself rs1').and.include('so does rs1');
    expect(remedy?.commands).to.deep.equal(['hostnamectl set-hostname rs2']);
    expect(remedy?.undo).to.deep.equal(['hostnamectl set-hostname rs1']);
    expect(quoted(when('rs2', facts))).to.include('rs1: rs1');
    expect(when('rs1', facts).outcome).to.equal('pass');
  });

  it('fails on both of two clones with a name of neither, whatever its case', () => {
    const facts = { rs1: { hostname: 'localhost' }, rs2: { hostname: 'LOCALHOST' } };
    expect(when('rs1', facts).outcome).to.equal('fail');
    expect(when('rs2', facts).outcome).to.equal('fail');
    expect(when('rs3', facts).outcome).to.equal('pass');
  });

  it('warns on hosts with crossed names', () => {
    const facts = { rs1: { hostname: 'rs2' }, rs2: { hostname: 'rs1' } };
    const { outcome, reason } = finding(when('rs1', facts));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('rs1 calls itself rs2');
    expect(when('rs2', facts).outcome).to.equal('warn');
  });

  it('lets two clients on one machine share its name', () => {
    const cluster = aCluster({ clients: [aClient(), aClient({ name: 'client2', cip: '192.168.122.2' })] });
    const facts = { client1: { hostname: 'desk' }, client2: { hostname: 'desk' } };
    expect(judge(hostname, { cluster, on: 'client2', facts }).outcome).to.equal('pass');
  });

  it('says which hosts could not be compared', () => {
    const judgement = when('rs1', { rs3: { hostname: missing('unreachable', 'rs3 does not answer') } });
    expect(judgement).to.have.property('outcome', 'pass');
    expect(judgement).to.have.nested.property('found.notCompared').that.deep.equals(['rs3']);
  });
});
