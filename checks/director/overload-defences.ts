import { quote } from '../quotation.ts';
import { forgetSysctl, persistentSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** What each does while it is active: value 2, which the kernel sets when memory is short, or 3, always. */
const defences = {
  drop_packet: 'drops one of every am_droprate new connections before they have an entry',
  drop_entry: 'deletes half-open connections before their time',
  secure_tcp: 'keeps connections by another table of states and timeouts',
} as const;

const faultOf = {
  drop_packet: 'drop-packet-defence',
  drop_entry: 'drop-entry-defence',
  secure_tcp: 'secure-tcp-active',
} as const;

const names = Object.keys(defences) as readonly (keyof typeof defences)[];

/** 0 is off and 1 waits for memory to run short: neither does anything to a healthy cluster. */
export const overloadDefences = defineCheck({
  id: 'director/overload-defences',
  title: 'IPVS drops nothing to defend itself',
  failureTitle: "IPVS defends itself against a flood, at the clients' cost",
  sees: ['drop-packet-defence', 'drop-entry-defence', 'secure-tcp-active'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director',
  requires: ['sysctl'],
  doc: {
    why:
      'A dropped SYN leaves no trace in table or counters: some clients wait one second and look like victims of a bad cable. ' +
      'Deleted entries send slow handshakes to another real server, which resets them. Other states make entries look wrong.',
    byHand: [
      'sysctl net.ipv4.vs.drop_packet net.ipv4.vs.drop_entry net.ipv4.vs.secure_tcp',
      'grep MemAvailable /proc/meminfo',
    ],
    references: ['Documentation/networking/ipvs-sysctl.rst', 'net/netfilter/ipvs/ip_vs_ctl.c (update_defense_level)'],
  },
  evaluate({ sysctl }, { host }, { evidence }) {
    const values = names.map((name) => ({ name, key: `net.ipv4.vs.${name}` }));
    const quoted = [quote(evidence('sysctl'), ...values.map(({ key }) => key), 'net.ipv4.vs.am_droprate')];
    const found = Object.fromEntries(values.map(({ name, key }) => [name, sysctl[key] ?? null]));
    const active = values.filter(({ key }) => ['2', '3'].includes(sysctl[key] ?? ''));
    if (active.length > 0) {
      return fail({
        reason: `${host.name} ${listed(active.map(({ name, key }) => `${defences[name]} (${key}=${sysctl[key] ?? ''})`))}`,
        faults: active.map(({ name }) => faultOf[name]),
        found,
        expected: Object.fromEntries(values.map(({ name }) => [name, '0 or 1'])),
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: active.some(({ key }) => sysctl[key] === '2')
            ? 'Give the director memory; until then, turn the defence off'
            : 'Let the kernel decide when the defence is needed',
          commands: active.map(({ key }) => `sysctl -w ${key}=${sysctl[key] === '2' ? '0' : '1'}`),
          persistent: active.flatMap(({ key }) => persistentSysctl(key, sysctl[key] === '2' ? '0' : '1')),
          undo: active.flatMap(({ key }) => [`sysctl -w ${key}=${sysctl[key] ?? ''}`, ...forgetSysctl(key)]),
        },
      });
    }
    const unknown = values.filter(({ key }) => sysctl[key] === undefined);
    if (unknown.length === values.length)
      return notApplicable(`${host.name} has not loaded IPVS, so it has none of its settings`);
    if (unknown.length > 0)
      return cannotTell(`${host.name} did not say what ${listed(unknown.map(({ key }) => key))} is`, quoted);
    return pass(found, quoted);
  },
});
