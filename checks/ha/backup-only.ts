import { entryOf } from '../address.ts';
import { alone } from '../director-pair.ts';
import { quote } from '../quotation.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

const key = 'net.ipv4.vs.backup_only';

/** With the key set, IPVS leaves packets alone while a backup daemon runs without a master one (ip_vs_in, sysctl_backup_only). */
export const backupOnly = defineCheck({
  id: 'ha/backup-only',
  title: 'IPVS of the active director is not switched off as that of a backup',
  failureTitle: 'The active director leaves packets alone, as a backup would',
  sees: ['backup-only-blackhole'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['sysctl', 'connectionSync', 'addresses'],
  inapplicable: alone,
  doc: {
    why:
      'backup_only=1 keeps a standby from balancing what it is sent. On the director that has the VIP, with the backup sync ' +
      'daemon alone, it does the same: nobody is balanced, and the director itself answers for the port.',
    byHand: [`sysctl ${key}`, 'ipvsadm -Ln --daemon'],
    references: ['Documentation/networking/ipvs-sysctl.rst, backup_only'],
  },
  evaluate({ sysctl, connectionSync: { daemons }, addresses }, { cluster, host }, { evidence }) {
    const value = sysctl[key];
    const quoted = [quote(evidence('sysctl'), key), evidence('connectionSync')];
    if (value === undefined) {
      return Object.keys(sysctl).some((name) => name.startsWith('net.ipv4.vs.'))
        ? pass({ [key]: 'not in this kernel' }, [evidence('connectionSync')])
        : cannotTell(`${host.name} does not say ${key}: ip_vs is not loaded`, [evidence('connectionSync')]);
    }
    const active = cluster.virtualServices.some(({ vip }) => entryOf(addresses, vip)?.up === true);
    const roles = daemons.map(({ role }) => role);
    const found = { [key]: value, daemons: roles, hasVip: active };
    const off = value.trim() === '1' && roles.includes('backup') && !roles.includes('master');
    if (!active || !off) return pass(found, quoted);
    return fail({
      reason: `${host.name} has the VIP, ${key}=1 and the backup sync daemon alone: IPVS leaves every packet to the host itself`,
      found,
      expected: 'the master sync daemon on the active director, or 0',
      evidence: quoted,
      remedy: {
        host: host.name,
        summary:
          'Balance while it has the VIP; the daemons should change sides with it (lvs_sync_daemon of keepalived)',
        commands: [`sysctl -w ${key}=0`],
        undo: [`sysctl -w ${key}=1`],
      },
    });
  },
});
