/** Every fault the lab can make in one topology, made by the lab itself, and what `ipvet diagnose` makes of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { faults } from '../../../lab/faults/index.ts';
import { labUp, outcomes, record, run, skipWithoutLab } from '../product.ts';

export function namesFaultsOf(topology: string, ...options: readonly string[]): void {
  const lab = `faults-${topology}`;

  describe(`faults of a real cluster: ${topology}`, function () {
    this.timeout(180_000);
    let out = '';
    let clusterFile = '';

    before(async function () {
      skipWithoutLab(this);
      out = mkdtempSync(join(tmpdir(), 'ipvet-faults-'));
      clusterFile = await labUp(lab, '--topology', topology, ...options);
      const applied = await run(['rules', 'apply', '-i', clusterFile, '-o', out, '--allow', 'change']);
      expect(applied.code, applied.stderr).to.equal(0);
    });

    after(async () => {
      await run(['lab', 'down', '--name', lab]);
      if (out !== '') rmSync(out, { recursive: true, force: true });
    });

    const diagnose = () => run(['diagnose', '-i', clusterFile, '-o', out, '--json', '--timeout', '60s']);

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

    for (const fault of faults.filter(({ topologies }) => topologies.includes(topology))) {
      it(`${fault.id} on ${fault.defaultHost} is named, and nothing else`, async () => {
        const act = (verb: string) => run(['lab', 'fault', verb, fault.id, '--name', lab]);
        const applied = await act('apply');
        expect(applied.code, applied.stderr).to.equal(0);
        try {
          const ended = await diagnose();
          const { diagnoses, verdicts } = record(ended);
          const wanted = fault.expect(fault.defaultHost);
          const said = diagnoses.map(({ cause, host, certainty }) => ({ cause, host, certainty }));
          const all = JSON.stringify({ said, outcomes: outcomes(record(ended)) });
          expect(said.slice(0, wanted.diagnoses.length), all).to.deep.equal(
            wanted.diagnoses.map((one) => ({ ...one, certainty: said[0]?.certainty })),
          );
          expect(said[0]?.certainty).to.be.oneOf(['certain', 'likely']);
          // Another one may be possible; none is believed.
          expect(said.slice(wanted.diagnoses.length).filter(({ certainty }) => certainty !== 'possible')).to.deep.equal(
            [],
          );
          for (const { check, subject, outcome } of wanted.verdicts) {
            const found = verdicts.find((each) => each.check === check && each.subject.host === subject.host);
            expect(found, check).to.deep.include({ subject, outcome });
          }
          expect(ended.code, ended.stderr).to.equal(wanted.exitCode);
        } finally {
          const reverted = await act('revert');
          expect(reverted.code, reverted.stderr).to.equal(0);
        }
      });
    }

    it('there is none again once all was put back, and its half-open connections have ended', async () => {
      // SYN_RECV, ip_vs_proto_tcp.c.
      await setTimeout(60_000);
      await healthy();
    });
  });
}
