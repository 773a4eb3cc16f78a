import { defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { MissingRule } from '../../lib/model/facts.ts';
import { listed } from '../sentences.ts';
import { quotedWord } from '../../lib/model/shell-word.ts';

export const sshTrust = defineCheck({
  id: 'network/ssh-trust',
  title: 'ipvet logs in without a password and can become root where it must',
  failureTitle: 'ipvet cannot become root without a password',
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['privilege'],
  requiresOfAll: ['sshTrust'],
  doc: {
    why:
      'Packet filters and IPVS rules are read as root, and rules are installed as root: single programs, word for word ' +
      'those that `ipvet doctor sudoers` prints, without a password. Where sudo does not allow one, what needs it cannot be ' +
      'told or done.',
    byHand: ['ssh HOST sudo -n -l', 'ipvet doctor sudoers --host HOST', 'sshd -T | grep -i authentication'],
    references: ['sudoers(5)', 'sshd_config(5)'],
  },
  evaluate({ privilege }, { cluster, host }, { evidence, everyone }) {
    const trust = everyone.get(host.name)?.sshTrust;
    const found = {
      user: privilege.user,
      level: privilege.level,
      missing: (privilege.missing ?? []).map(({ tier, command }) => `${tier}: ${command}`),
      ...(trust?.known === true ? trust.value : { sshTrust: 'not known' }),
    };
    const quoted = [evidence('privilege'), ...(trust?.known === true ? [trust.evidence] : [])];
    // Load needs no root, and a client is often the operator's own machine.
    if (host.role === 'client') return pass(found, quoted);
    const needed = (privilege.missing ?? []).filter((rule) => rule.needed);
    if (privilege.level === 'root' && needed.length === 0) return pass(found, quoted);
    const name = host.name;
    const { user } = privilege;
    if (cluster.ssh.become === 'none') {
      return fail({
        reason: `${name} was asked as ${user}, who is not root, and the cluster file says ssh.become: none`,
        found,
        expected: { level: 'root' },
        evidence: quoted,
      });
    }
    const what = listed(needed.map(({ tier, command }) => `${command} (${tier})`));
    const reason =
      privilege.sudoMessage === undefined
        ? `${name} does not let ${user} run as root: ${what}`
        : `${name} does not let ${user} become root: ${privilege.sudoMessage}`;
    return fail({
      reason,
      found,
      expected: { missing: [] },
      evidence: quoted,
      ...(needed.length === 0 ? {} : { remedy: remedy(name, user, needed) }),
    });
  },
});

/**
 * A file of its own, so that rules that are there stay. A name with a dot is not read (sudoers(5), includedir), so a
 * mistake cannot end sudo for everybody.
 */
function remedy(host: string, user: string, rules: readonly MissingRule[]): Remedy {
  const file = `/etc/sudoers.d/ipvet-${user.replaceAll(/[^A-Za-z0-9_-]/g, '_')}-more`;
  const lines = rules.map(({ rule }) => quotedWord(rule)).join(' ');
  return {
    host,
    summary: `Allow ${user} these programs as root; \`ipvet doctor sudoers --host ${host}\` prints all there are, and why`,
    commands: [
      `printf '%s\\n' ${lines} > ${file}.new`,
      `chmod 440 ${file}.new && visudo -cf ${file}.new && mv ${file}.new ${file}`,
    ],
    undo: [`rm -f ${file}`],
  };
}
