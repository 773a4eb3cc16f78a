import { entryOf, sameAddress } from '../address.ts';
import { baseName, networkdFile } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';
import { quotedWord, shellWord } from '../../lib/model/shell-word.ts';

/**
 * systemd-networkd takes what it did not put on an interface for a leftover: when it is restarted, or configures the link
 * anew, it removes a VIP that keepalived or an operator added, unless KeepConfiguration says otherwise.
 */
export const vipRetention = defineCheck({
  id: 'director/vip-retention',
  title: 'What manages the interface leaves the VIP on it',
  failureTitle: 'systemd-networkd removes the VIP when it is restarted',
  sees: ['vip-removed-by-network-manager'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['addresses', 'persistedNetwork'],
  requiresOfAll: ['units'],
  doc: {
    why:
      'An upgrade of systemd restarts networkd, the VIP is gone, and an old keepalived still believes that it is master: ' +
      'clients time out while VRRP looks healthy.',
    byHand: [
      'networkctl status INTERFACE',
      'grep -r KeepConfiguration /etc/systemd/network',
      'journalctl -u systemd-networkd',
    ],
    references: ['systemd.network(5) (KeepConfiguration=)', 'networkctl(1)'],
  },
  evaluate({ addresses, persistedNetwork }, { cluster, host }, { evidence, everyone }) {
    const units = everyone.get(host.name)?.units;
    if ((persistedNetwork.networkd ?? []).length > 0 && units?.known === false && units.reason !== 'unsupported')
      return cannotTell(
        `Whether systemd-networkd runs on ${host.name} is not known: ${units.message}`,
        [evidence('persistedNetwork')],
        units.hint,
      );
    const running =
      units?.known === true &&
      units.value.units.some(({ name, active }) => name === 'systemd-networkd.service' && active === 'active');
    if (!running || persistedNetwork.networkd === undefined)
      return notApplicable(`${host.name} does not have its interfaces from systemd-networkd`);
    const vips = [...new Set(cluster.virtualServices.map(({ vip }) => vip))];
    const foreign = vips.flatMap((vip) => {
      const entry = entryOf(addresses, vip);
      const owned = persistedNetwork.addresses.some(({ address }) => sameAddress(address, vip));
      return entry === undefined || owned ? [] : [{ vip, name: entry.interface }];
    });
    const managed = foreign.flatMap(({ vip, name }) => {
      const file = networkdFile(persistedNetwork, name);
      return file === undefined ? [] : [{ vip, name, file }];
    });
    if (managed.length === 0)
      return notApplicable(`${host.name} has no VIP now on an interface that systemd-networkd configures without it`);
    const found = Object.fromEntries(
      managed.map(({ vip, name, file }) => [
        vip,
        { interface: name, file: file.file, keep: file.keepConfiguration ?? 'no' },
      ]),
    );
    const quoted = [
      quote(evidence('addresses'), ...vips),
      quote(evidence('persistedNetwork'), 'KeepConfiguration', 'Name'),
    ];
    const lost = managed.filter(({ file }) => !/^(yes|true|on|1|static)$/.test(file.keepConfiguration ?? 'no'));
    const [first] = lost;
    if (first === undefined) return pass(found, quoted);
    // netplan makes its files anew at every boot; a drop-in in /etc goes with them.
    const folder = `/etc/systemd/network/${baseName(first.file.file)}.d`;
    return warn({
      reason: `${host.name} has the VIP ${listed(lost.map(({ vip, name }) => `${vip} on ${name}`))}, which systemd-networkd configures without it and without KeepConfiguration, so it removes it when it is restarted`,
      found,
      expected: { KeepConfiguration: 'static or yes' },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: `Have systemd-networkd leave on ${first.name} what others put there`,
        commands: [
          `mkdir -p ${shellWord(folder)}`,
          `printf '%s\\n' ${['[Network]', 'KeepConfiguration=static'].map(quotedWord).join(' ')} > ${shellWord(`${folder}/keep.conf`)}`,
          'networkctl reload',
        ],
        undo: [`rm -f ${shellWord(`${folder}/keep.conf`)}`, 'networkctl reload'],
      },
    });
  },
});
