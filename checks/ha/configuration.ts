import { alone } from '../director-pair.ts';
import { defineCheck, fail, pass, warn } from '../../lib/model/check.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

/** What 2.2 says of settings that it takes another way, and goes on with. */
const madeDoWith =
  /Truncating auth_pass|does not support authentication|nopreempt will not work|State MASTER must match|default user '?keepalived_script|SECURITY VIOLATION|script security|Disabling (?:track )?script|no firewall configured/i;

export const configuration = defineCheck({
  id: 'ha/configuration',
  title: 'keepalived has nothing to say against its configuration',
  failureTitle: 'keepalived does not take its configuration as it is written',
  sees: ['backup-not-running', 'vrrp-wrong-interface', 'vrrp-fault-by-track', 'vrrp-preempt-flapping'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedTest'],
  inapplicable: alone,
  doc: {
    why:
      'keepalived ignores what it does not understand and runs with the rest: a misspelt priority is the default, an instance ' +
      'without its VRID is none. What it refuses altogether keeps it from starting at the next boot.',
    byHand: ['keepalived --config-test; echo $?'],
    references: ['keepalived(8), --config-test'],
  },
  evaluate({ keepalivedTest: { exitCode, complaints } }, { host }, { evidence }) {
    const found = { exitCode, complaints };
    const quoted = [evidence('keepalivedTest')];
    if (exitCode === 0) return pass(found, quoted);
    const expected = { exitCode: 0, complaints: [] };
    const grave = complaints.filter((text) => !madeDoWith.test(text));
    const shown = (grave.length > 0 ? grave : complaints).slice(0, 5);
    const reason = `keepalived --config-test on ${host.name} ends with ${exitCode}: ${shown.join('; ') || 'it did not say why'}`;
    const finding = { reason, faults: faultsOf(complaints), found, expected, evidence: quoted };
    return grave.length > 0 || complaints.length === 0 ? fail(finding) : warn(finding);
  },
});

/** A text that says no more than that a word was taken another way is no fault of the catalogue. */
function faultsOf(complaints: readonly string[]): readonly FaultId[] {
  const faults = complaints.flatMap((text): readonly FaultId[] => {
    if (/interface/i.test(text)) return ['vrrp-wrong-interface'];
    if (/script/i.test(text)) return ['vrrp-fault-by-track'];
    if (text.includes('nopreempt')) return ['vrrp-preempt-flapping'];
    return madeDoWith.test(text) ? [] : ['backup-not-running'];
  });
  return complaints.length === 0 ? ['backup-not-running'] : [...new Set(faults)];
}
