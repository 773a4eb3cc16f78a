/** What is hard to diagnose: faults that are there for few connections, or for a part of the run, and faults behind others. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { ruledLab } from './fault-matrix/ruled-lab.ts';
import { onHost, outcomes, record, run } from './product.ts';

const lab = 'hard-cases';

describe('diagnosis of what is hard to see', function () {
  this.timeout(180_000);
  const { diagnose } = ruledLab(lab);
  const fault = async (verb: 'apply' | 'revert', id: string, host: string): Promise<void> => {
    const ended = await run(['lab', 'fault', verb, id, '--on', host, '--name', lab]);
    expect(ended.code, ended.stderr).to.equal(0);
  };
  const believed = ({ diagnoses }: RunRecord) =>
    diagnoses
      .filter(({ certainty }) => certainty !== 'possible')
      .map(({ cause, host = '' }) => `${cause} on ${host}`)
      .toSorted();
  const all = (of: RunRecord) => JSON.stringify([of.diagnoses, of.problems, outcomes(of)]);

  // connect(2) takes even ports first (inet_hashtables.c).
  it('one connection in 64: what is wrong is named, or it is said that no cause was found; never another', async () => {
    const some = 'match ip protocol 6 0xff match ip dport 80 0xffff match ip sport 0x10 0x7f';
    await onHost(
      lab,
      'root@rs2',
      `tc qdisc add dev eth0 ingress && tc filter add dev eth0 ingress protocol ip u32 ${some} action drop`,
    );
    try {
      const said = record(await diagnose());
      const failed = said.verdicts.some(({ check, outcome }) => check === 'traffic/requests' && outcome === 'fail');
      expect(failed, all(said)).to.equal(true);
      const names = believed(said);
      const isUnnamed = said.problems.some(({ code }) => code === 'UNDIAGNOSED');
      expect(names.length === 0 ? isUnnamed : names.join(), all(said)).to.be.oneOf([true, 'rs-firewall-drop on rs2']);
    } finally {
      await onHost(lab, 'root@rs2', 'tc qdisc del dev eth0 ingress');
    }
  });

  it('a fault that begins during the run is not taken for another', async () => {
    const running = diagnose();
    await setTimeout(4000);
    await fault('apply', 'rs-service-down', 'rs2');
    try {
      const said = record(await running);
      expect(believed(said).join(), all(said)).to.be.oneOf(['', 'rs-service-down on rs2']);
    } finally {
      await fault('revert', 'rs-service-down', 'rs2');
    }
  });

  it('nor is one that ends during it', async () => {
    await fault('apply', 'rs-firewall-drop', 'rs2');
    const running = diagnose();
    await setTimeout(6000);
    await fault('revert', 'rs-firewall-drop', 'rs2');
    const said = record(await running);
    expect(believed(said).join(), all(said)).to.be.oneOf(['', 'rs-firewall-drop on rs2']);
  });

  it('of two faults of one real server one is named, and nothing else', async () => {
    await fault('apply', 'rs-firewall-drop', 'rs2');
    await fault('apply', 'rs-service-down', 'rs2');
    try {
      const said = record(await diagnose());
      const causes = ['rs-firewall-drop on rs2', 'rs-service-down on rs2'];
      expect(believed(said), all(said)).not.to.have.length(0);
      expect(causes, all(said)).to.include.members(believed(said));
    } finally {
      await fault('revert', 'rs-service-down', 'rs2');
      await fault('revert', 'rs-firewall-drop', 'rs2');
    }
  });

  it('of two faults of two real servers both are named, and nothing else', async () => {
    await fault('apply', 'nat-rs-gateway-not-director', 'rs1');
    await fault('apply', 'rs-service-down', 'rs3');
    try {
      const said = record(await diagnose());
      expect(believed(said), all(said)).to.deep.equal(['nat-rs-gateway-not-director on rs1', 'rs-service-down on rs3']);
    } finally {
      await fault('revert', 'rs-service-down', 'rs3');
      await fault('revert', 'nat-rs-gateway-not-director', 'rs1');
    }
  });
});
