import { quote } from '../quotation.ts';
import { nextBoot } from '../persisted-setting.ts';
import { forwardingKeys } from '../reply-forwarding.ts';
import { forgetSysctl, literal, persistentSysctl, replacement } from '../remedies.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import { quotedWord, shellWord } from '../../lib/model/shell-word.ts';

/** `sysctl -w` is gone after a reboot; what the next boot sets is what the files say, the last assignment winning. */
export const ipForwardPersistence = defineCheck({
  id: 'director/ip-forward-persistence',
  title: 'Director forwards after a reboot too',
  failureTitle: 'IP forwarding is off after the next reboot',
  sees: ['sysctl-not-persistent'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['persistedSysctl'],
  requiresOfAll: ['persistedNetwork'],
  doc: {
    why:
      'A cluster whose director got ip_forward by hand works until the director reboots, then every connection hangs. ' +
      'Another file that is read later may also set it back to 0.',
    byHand: ['systemd-analyze cat-config sysctl.d | grep forward', 'grep -r ip_forward /etc/sysctl.conf /etc/sysctl.d'],
    references: ['sysctl.d(5)', 'sysctl.conf(5)'],
  },
  evaluate({ persistedSysctl }, { cluster, host }, { evidence, everyone }) {
    const keys = forwardingKeys(cluster);
    if (keys.length === 0) return notApplicable('No service of the cluster forwards by NAT');
    const quoted = [quote(evidence('persistedSysctl'), ...keys.flatMap(({ key, aliases }) => [key, ...aliases]))];
    const boot = nextBoot(persistedSysctl, everyone.get(host.name)?.persistedNetwork);
    const settings = keys.map(({ key, aliases }) => {
      const assigned = [key, ...aliases].flatMap((name) => {
        const setting = boot(name);
        return setting === undefined ? [] : [{ name, ...setting }];
      });
      return { key, on: assigned.find(({ value }) => value !== '0'), off: assigned.find(({ value }) => value === '0') };
    });
    const found = Object.fromEntries(settings.map(({ key, on, off }) => [key, on ?? off ?? null]));
    const wrong = settings.find(({ on }) => on === undefined);
    if (wrong === undefined) return pass(found, quoted);
    const reason =
      wrong.off === undefined
        ? `${host.name} sets ${wrong.key} in no file, so it is off after the next reboot`
        : `${host.name} sets ${wrong.off.name}=0 in ${wrong.off.file}, so forwarding is off after the next reboot`;
    return fail({
      reason,
      found,
      expected: Object.fromEntries(keys.map(({ key }) => [key, '1'])),
      evidence: quoted,
      remedy: wrong.off === undefined ? add(host.name, wrong.key) : edit(host.name, wrong.off.name, wrong.off.file),
    });
  },
});

function add(host: string, key: string): Remedy {
  return {
    host,
    summary: `Set ${key}=1 in a file that every boot reads`,
    commands: persistentSysctl(key, '1'),
    undo: forgetSysctl(key),
  };
}

function edit(host: string, key: string, file: string): Remedy {
  return {
    host,
    summary: `Set ${key}=1 in ${file}`,
    commands: [
      `sed -i.before-ipvet ${quotedWord(`s/^[[:space:]]*${literal(key)}[[:space:]]*=.*/${replacement(key)}=1/`)} ${shellWord(file)}`,
    ],
    undo: [`mv ${shellWord(`${file}.before-ipvet`)} ${shellWord(file)}`],
  };
}
