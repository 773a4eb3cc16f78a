import { alone, placeOf, placeText } from '../director-pair.ts';
import { counted } from '../sentences.ts';
import { cannotTell, defineCheck, excerpt, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { ConfLine, KeepalivedConf } from '../../lib/model/facts.ts';

interface Named {
  readonly what: string;
  readonly interface: string;
  readonly place: ConfLine;
}

/** An instance on an interface that is not there stays in FAULT, and its VIP is nowhere when the other director dies. */
export const vrrpInterface = defineCheck({
  id: 'ha/vrrp-interface',
  title: 'Interfaces that keepalived is told of are there and up',
  failureTitle: 'keepalived is told of an interface that is not there, or is down',
  sees: ['vrrp-wrong-interface'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf', 'links'],
  inapplicable: alone,
  doc: {
    why:
      'VRRP on an interface that was renamed, or is down, is in state FAULT: this director never takes the VIP. An address ' +
      'on another missing one is left out silently.',
    byHand: [
      'grep -nE "interface| dev " /etc/keepalived/keepalived.conf',
      'ip -brief link',
      'journalctl -u keepalived | grep FAULT',
    ],
    references: ['keepalived.conf(5), interface'],
  },
  evaluate({ keepalivedConf: conf, links }, { host }, { evidence }) {
    if (conf.files.length === 0) return notApplicable(`${host.name} has no keepalived.conf`);
    const named = interfacesOf(conf);
    const wrong = named.filter(({ interface: name }) => links.find((link) => link.name === name)?.up !== true);
    const found = Object.fromEntries(named.map((one) => [one.what, one.interface]));
    if (wrong.length > 0) {
      const text = wrong.map((one) => {
        const there = links.some(({ name }) => name === one.interface);
        return `${one.what} is on ${one.interface} (${placeText(one.place)}), which ${there ? 'is down' : 'is not there'}`;
      });
      return fail({
        reason: `${host.name}: ${text.join('; ')}`,
        found,
        expected: `interfaces of ${host.name}: ${links
          .filter(({ up }) => up)
          .map(({ name }) => name)
          .join(', ')}`,
        evidence: [
          excerpt(evidence('keepalivedConf'), (line) =>
            wrong.some(({ place }) => line.startsWith(`${place.path}:${place.line}:`)),
          ),
          evidence('links'),
        ],
      });
    }
    const [doubt] = conf.unsure;
    if (doubt !== undefined)
      return cannotTell(
        `${counted(named.length, 'interface')} of ${host.name} are there, and there may be more: ${doubt.what} (${placeText(doubt)})`,
        [evidence('keepalivedConf')],
      );
    return pass(found, [evidence('links')]);
  },
});

/** A variable that has no value is no name; VRRP on a VMAC interface makes its own. */
function interfacesOf(conf: KeepalivedConf): readonly Named[] {
  const ofInstances = conf.instances.flatMap((instance): readonly Named[] => [
    ...(instance.interface === undefined
      ? []
      : [{ what: instance.name, interface: instance.interface, place: placeOf(instance, 'interface') }]),
    ...[...instance.addresses, ...instance.excluded].flatMap((entry) =>
      entry.interface === undefined
        ? []
        : [{ what: `${entry.address} of ${instance.name}`, interface: entry.interface, place: entry }],
    ),
  ]);
  const sync =
    conf.lvsSync === undefined
      ? []
      : [{ what: 'lvs_sync_daemon', interface: conf.lvsSync.interface, place: conf.lvsSync }];
  return [...ofInstances, ...sync].filter(({ interface: name }) => !name.includes('$'));
}
