/** Who a run met: login users, and hosts by every name the cluster file, the hosts themselves and their /etc/hosts give them. */
import ipaddr from 'ipaddr.js';

import type { StoredRun } from '../run/analysis.ts';

export interface Identities {
  readonly users: readonly string[];
  readonly names: readonly string[];
}

/** Members of a cluster file whose value is a user, or a name of a host. */
const userKeys: ReadonlySet<string> = new Set(['user']);
const nameKeys: ReadonlySet<string> = new Set(['host', 'jump', 'name', 'server_name']);
/** Lists of a cluster file whose `name` is that of a host, or of a record of DNS. */
const hostLists = ['directors', 'real_servers', 'clients', 'dns'] as const;

export function identitiesOf({ events, raw }: StoredRun): Identities {
  const users = new Set<string>();
  const names = new Set<string>();
  for (const event of events) {
    if (event.type === 'run-started') {
      names.add(event.cluster.name);
      for (const { name, address } of event.cluster.hosts) for (const word of [name, address]) names.add(word);
    } else if (event.type === 'host-contacted' && event.contact.user !== undefined) {
      users.add(event.contact.user);
    } else if (event.type === 'facts-collected') {
      for (const { fact, stdout } of event.raw) {
        if (fact === 'hostname') names.add(stdout.trim());
        if (fact === 'hostsFile') for (const name of namesInHostsFile(stdout)) names.add(name);
      }
    }
  }
  for (const line of raw) {
    if (line.type === 'answers') users.add(line.answers.user);
    if (line.type === 'asked') fromDeclared(line.declared, users, names);
  }
  const isName = (word: string) =>
    word !== '' && word.length <= 253 && !ipaddr.isValid(word) && !/^(?:localhost|ip6-)/.test(word);
  return { users: [...users].filter(isName), names: [...names].filter(isName) };
}

function fromDeclared(declared: unknown, users: Set<string>, names: Set<string>): void {
  if (typeof declared !== 'object' || declared === null) return;
  const file = declared as Readonly<Record<string, unknown>>;
  for (const list of hostLists) collect(file[list], nameKeys, names);
  collect(file['ssh'], userKeys, users);
  for (const list of hostLists) collect(file[list], userKeys, users);
  collect(file['virtual_services'], new Set(['server_name']), names);
}

function collect(value: unknown, keys: ReadonlySet<string>, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'string' && keys.has(key)) into.add(member);
    else collect(member, keys, into);
  }
}

/** Of hosts(5): what follows the address, comments taken off. */
function namesInHostsFile(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    return ipaddr.isValid(address) ? names.filter((name) => !/^(?:localhost|ip6-|broadcasthost)/.test(name)) : [];
  });
}
