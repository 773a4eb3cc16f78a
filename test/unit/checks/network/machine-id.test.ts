import { expect } from 'chai';
import { machineId } from '../../../../checks/network/machine-id.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { aClient, aCluster, aRealServer } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const id = '0123456789abcdef0123456789abcdef';
const silent = { machineId: missing('unreachable', 'no answer') };

describe('network/machine-id', () => {
  it('passes when every host has its own', () => {
    expect(judge(machineId, { on: 'rs1' }).outcome).to.equal('pass');
  });

  it('fails for each of those that share one', () => {
    for (const [on, other] of [
      ['rs1', 'rs2'],
      ['rs2', 'rs1'],
    ] as const) {
      const { reason, remedy } = finding(
        judge(machineId, { on, facts: { rs1: { machineId: id }, rs2: { machineId: id } } }),
      );
      expect(reason).to.equal(`${on} has the machine-id of ${other}`);
      expect(remedy?.commands).to.include('systemd-machine-id-setup');
    }
  });

  it('takes two hosts that are one machine, and one without an id, as they are', () => {
    const cluster = aCluster({ clients: [aClient(), aClient({ name: 'client2', netns: 'c2' })] });
    const facts = { client1: { machineId: id }, client2: { machineId: id } };
    expect(judge(machineId, { cluster, on: 'client1', facts }).outcome).to.equal('pass');
    expect(judge(machineId, { on: 'rs1', facts: { rs1: { machineId: '' }, rs2: { machineId: '' } } }).outcome).to.equal(
      'not-applicable',
    );
  });

  it('says who was not compared, and cannot tell when nobody was', () => {
    expect(judge(machineId, { on: 'rs1', facts: { rs2: silent } })).to.have.nested.property(
      'found.notCompared[0]',
      'rs2',
    );
    const cluster = aCluster({ realServers: [aRealServer(1)] });
    expect(judge(machineId, { cluster, on: 'rs1', facts: { director1: silent, client1: silent } }).outcome).to.equal(
      'error',
    );
  });
});
