/** Faults of one topology, made by the lab itself on a real cluster, and what `ipvet diagnose` makes of each. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { faultNamed } from '../../../lab/faults/index.ts';
import { scoreOf } from '../../matrix/score.ts';
import { onHost, outcomes, record, run } from '../product.ts';
import { ruledLab } from './ruled-lab.ts';
import { subset } from './subset.ts';

export function namesFaultsOf(topology: keyof typeof subset): void {
  const lab = `faults-${topology}`;

  describe(`faults of a real cluster: ${topology}`, function () {
    this.timeout(180_000);
    const { diagnose } = ruledLab(lab, '--topology', topology);

    const healthy = async (): Promise<void> => {
      const ended = await diagnose();
      expect(record(ended).diagnoses).to.deep.equal([]);
      // The rules are here for the test, and would be gone after a reboot; a small director may be busy with its table.
      const allowed = ['director/rules-persistence', 'traffic/sampling'];
      const other = outcomes(record(ended)).filter(({ check }) => !allowed.includes(check));
      expect(other.map((one) => JSON.stringify(one))).to.deep.equal([]);
      expect(ended.code, ended.stderr).to.equal(0);
    };

    it('there is none while all is well', healthy);

    for (const fault of subset[topology].map(faultNamed)) {
      const wanted = fault.expect(fault.defaultHost, topology);
      const what =
        wanted.diagnoses.length > 0 ? 'is named, and nothing else' : 'is told by its check, and nothing is named';
      it(`${fault.id} on ${fault.defaultHost} ${what}`, async () => {
        const act = (verb: string) => run(['lab', 'fault', verb, fault.id, '--name', lab]);
        const applied = await act('apply');
        expect(applied.code, applied.stderr).to.equal(0);
        try {
          const ended = await diagnose();
          const { got, ...score } = scoreOf(wanted, record(ended));
          const all = `${got}\n${JSON.stringify(outcomes(record(ended)))}`;
          expect(score, all).to.deep.equal({ right: true, falseAlarm: false, remarks: [] });
          expect(ended.code, ended.stderr).to.equal(wanted.exitCode);
        } finally {
          const reverted = await act('revert');
          expect(reverted.code, reverted.stderr).to.equal(0);
        }
      });
    }

    it('there is none again once all was put back, and its half-open connections have ended', async () => {
      // SYN_RECV lasts 60 s (ip_vs_proto_tcp.c), by the clock of a kernel that may have waited for a processor.
      const halfOpen = () => onHost(lab, 'root@director1', "grep -c ' SYN_RECV ' /proc/net/ip_vs_conn || :");
      for (let tries = 0; tries < 30 && (await halfOpen()).trim() !== '0'; tries++) await setTimeout(5000);
      await healthy();
    });
  });
}
