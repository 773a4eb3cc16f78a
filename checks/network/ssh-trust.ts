import { defineCheck, fail, pass } from '../../lib/model/check.ts';

export const sshTrust = defineCheck({
  id: 'network/ssh-trust',
  title: 'ipvet logs in without a password and can become root where it must',
  failureTitle: 'ipvet cannot become root without a password',
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['privilege'],
  requiresOfAll: ['sshTrust'],
  doc: {
    why:
      'Filters, rules and the connection table are read as root, and rules are installed as root. Without a password-free ' +
      'sudo (or a root login) the checks that need them cannot tell.',
    byHand: ['ssh HOST sudo -n true', 'sudo -n -l', 'sshd -T | grep -i authentication'],
    references: ['sudoers(5)', 'sshd_config(5)'],
  },
  evaluate({ privilege }, { cluster, host }, { evidence, everyone }) {
    const trust = everyone.get(host.name)?.sshTrust;
    const found = {
      user: privilege.user,
      level: privilege.level,
      ...(trust?.known === true ? trust.value : { sshTrust: 'not known' }),
    };
    const quoted = [evidence('privilege'), ...(trust?.known === true ? [trust.evidence] : [])];
    // Load needs no root, and a client is often the operator's own machine.
    if (privilege.level === 'root' || host.role === 'client') return pass(found, quoted);
    const said = privilege.sudoMessage === undefined ? '' : `: ${privilege.sudoMessage}`;
    const file = `/etc/sudoers.d/ipvet-${privilege.user}`;
    return fail({
      reason:
        cluster.ssh.become === 'none'
          ? `${host.name} was asked as ${privilege.user}, who is not root, and the cluster file says ssh.become: none`
          : `${host.name} does not let ${privilege.user} become root without a password${said}`,
      found,
      expected: { level: 'root' },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: `Let ${privilege.user} use sudo without a password, or log in as root`,
        commands: [
          `echo '${privilege.user} ALL=(ALL) NOPASSWD: ALL' > ${file} && chmod 440 ${file} && visudo -cf ${file}`,
        ],
        undo: [`rm -f ${file}`],
      },
    });
  },
});
