/**
 * The ways in: a key pair for the operator, host keys for every host, known_hosts, and OpenSSH client configurations.
 * Everything is made once per lab and lies in its state directory.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { run } from './commands.ts';
import type { LabHostSpec } from './hosts/host.ts';
import { hostDirectory, labDirectory, namespaceOf, sshConfigOf } from './state.ts';
import type { Topology } from './topologies/topology.ts';

type LabFile = LabHostSpec['files'][number];

const KEY_TYPES = ['ed25519', 'ecdsa'] as const;

/** OpenSSH configuration for the lab's own commands: every host straight from the infrastructure host. */
export const consoleConfigOf = (lab: string): string => path.join(labDirectory(lab), 'console_ssh_config');

const quoted = (text: string): string => `"${text}"`;

/** Pure. `via` names the namespace a host's connections are opened in. */
export function sshConfigText(
  directory: string,
  hosts: readonly { readonly name: string; readonly address: string; readonly via?: string; readonly jump?: string }[],
): string {
  const blocks = hosts.map(({ name, address, via, jump }) =>
    [
      `Host ${name} ${address}`,
      `  HostName ${address}`,
      `  HostKeyAlias ${name}`,
      ...(jump === undefined ? [] : [`  ProxyJump ${jump}`]),
      ...(via === undefined ? [] : [`  ProxyCommand ip netns exec ${via} nc %h %p`]),
      '',
    ].join('\n'),
  );
  const everywhere = [
    'Host *',
    '  User ops',
    `  IdentityFile ${quoted(path.join(directory, 'id_ed25519'))}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${quoted(path.join(directory, 'known_hosts'))}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  UpdateHostKeys no',
    '  ControlMaster no',
    '  ControlPath none',
    '  ConnectTimeout 20',
    '',
  ].join('\n');
  return [...blocks, everywhere].join('\n');
}

const keyFile = (lab: string, host: string, type: string): string =>
  path.join(hostDirectory(lab, host), `host_${type}_key`);

/** Makes all keys and writes all files. ssh-keygen is asked once per key type and host, all at the same time. */
export async function makeAccess(lab: string, topology: Topology): Promise<void> {
  const directory = labDirectory(lab);
  for (const { name } of topology.hosts) mkdirSync(hostDirectory(lab, name), { recursive: true });
  await Promise.all([
    keygen('ed25519', path.join(directory, 'id_ed25519'), `ipvet lab ${lab}`),
    ...topology.hosts.flatMap(({ name }) =>
      KEY_TYPES.map((type) => keygen(type, keyFile(lab, name, type), `root@${name}`)),
    ),
  ]);
  const knownHosts = topology.hosts.flatMap(({ name }) =>
    KEY_TYPES.map((type) => {
      const publicKey = readFileSync(`${keyFile(lab, name, type)}.pub`, 'utf8');
      return `${[name, ...publicKey.split(' ').slice(0, 2)].join(' ')}\n`;
    }),
  );
  writeFileSync(path.join(directory, 'known_hosts'), knownHosts.join(''));
  writeConfigs(lab, topology);
}

/** What belongs on a host of a lab whose access was made: the same keys each time it boots. */
export function accessFiles(lab: string, host: string): readonly LabFile[] {
  const operatorKey = readFileSync(path.join(labDirectory(lab), 'id_ed25519.pub'), 'utf8');
  const authorized = ['/root/.ssh/authorized_keys', '/home/ops/.ssh/authorized_keys'].map((file): LabFile => ({
    path: file,
    mode: 0o644,
    content: operatorKey,
  }));
  const hostKeys = KEY_TYPES.flatMap((type): LabFile[] => {
    const file = keyFile(lab, host, type);
    return [
      { path: `/etc/ssh/ssh_host_${type}_key`, mode: 0o600, content: readFileSync(file, 'utf8') },
      { path: `/etc/ssh/ssh_host_${type}_key.pub`, mode: 0o644, content: readFileSync(`${file}.pub`, 'utf8') },
    ];
  });
  return [...authorized, ...hostKeys];
}

function writeConfigs(lab: string, topology: Topology): void {
  const directory = labDirectory(lab);
  const [client, infrastructure] = [namespaceOf(lab, topology.client), namespaceOf(lab, topology.infrastructure)];
  const entries = Object.entries(topology.addresses);
  const operator = entries.map(([name, address]) => {
    const jump = topology.jumps[name];
    return jump === undefined ? { name, address, via: client } : { name, address, jump };
  });
  const console = entries.map(([name, address]) => ({ name, address, via: infrastructure }));
  writeFileSync(sshConfigOf(lab), sshConfigText(directory, operator));
  writeFileSync(consoleConfigOf(lab), sshConfigText(directory, console));
}

async function keygen(type: (typeof KEY_TYPES)[number], file: string, comment: string): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
}
