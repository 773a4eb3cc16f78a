/** What hosts say of themselves stands in commands that an operator copies: there it must stay one word. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { vip as vipCheck } from '../../../checks/director/vip.ts';
import { ipForwardPersistence } from '../../../checks/director/ip-forward-persistence.ts';
import { addresses as directorAddresses } from '../../../checks/director/addresses.ts';
import { neighbours as directorNeighbours } from '../../../checks/director/neighbours.ts';
import { offloads } from '../../../checks/director/offloads.ts';
import { sourceAddress } from '../../../checks/director/source-address.ts';
import { hashFallback } from '../../../checks/virtual-service/hash-fallback.ts';
import { mtu } from '../../../checks/network/mtu.ts';
import { hostname } from '../../../checks/network/hostname.ts';
import { hostsFile } from '../../../checks/network/hosts-file.ts';
import { address as realServerAddress } from '../../../checks/real-server/address.ts';
import { replyRoute } from '../../../checks/real-server/reply-route.ts';
import { setSysctl } from '../../../checks/remedies.ts';
import type { Remedy } from '../../../lib/model/evidence.ts';
import { aCluster, aClusterWith, aDirectCluster, aDirector, cip, dip, vip } from '../../builders.ts';
import { anAddress, aRoute } from '../../host-facts.ts';
import { finding, judge } from '../../judgement.ts';
import { changedRules } from './virtual-service/rule-change.ts';

const evil = [
  '$(touch pwned)',
  '`touch pwned`',
  'x;touch pwned;',
  "'; touch pwned; '",
  '"; touch pwned; "',
  'x\ntouch pwned\n',
  '/w pwned',
  '&|/e;touch pwned',
  '\u001b[2J\u202e',
];

/** Each remedy there is for a host that says the word. */
const remedies: Readonly<Record<string, (word: string) => Remedy | undefined>> = {
  'interface of the VIP': (word) =>
    finding(
      judge(vipCheck, {
        facts: { director1: { addresses: [anAddress('eth1', dip), anAddress(word, vip, { up: false })] } },
      }),
    ).remedy,
  'interface of the VIP by the cluster file': (word) =>
    finding(
      judge(vipCheck, {
        cluster: aCluster({ directors: [aDirector({ vipInterface: word })] }),
        facts: { director1: { addresses: [anAddress('eth1', dip)], routes: [aRoute(vip)] } },
      }),
    ).remedy,
  'interface of the DIP': (word) =>
    finding(judge(directorAddresses, { facts: { director1: { addresses: [anAddress(word, dip, { up: false })] } } }))
      .remedy,
  'interface of a real server': (word) =>
    finding(judge(realServerAddress, { on: 'rs1', facts: { rs1: { addresses: [anAddress(word, '10.10.10.77')] } } }))
      .remedy,
  'gateway of a real server': (word) =>
    finding(
      judge(replyRoute, { on: 'rs2', facts: { rs2: { routes: [aRoute(cip, { gateway: word, interface: word })] } } }),
    ).remedy,
  'name of a host': (word) =>
    finding(
      judge(hostname, {
        on: 'rs2',
        facts: { rs1: { hostname: word }, rs2: { hostname: word } },
      }),
    ).remedy,
  'line of /etc/hosts': (word) =>
    finding(judge(hostsFile, { on: 'rs1', facts: { rs1: { hostsFile: [{ address: word, names: ['rs2', word] }] } } }))
      .remedy,
  'file that sets a sysctl': (word) =>
    finding(
      judge(ipForwardPersistence, {
        facts: {
          director1: { persistedSysctl: { 'net.ipv4.ip_forward': { value: '0', file: `/etc/sysctl.d/${word}` } } },
        },
      }),
    ).remedy,
  'neighbour of a director': (word) =>
    finding(
      judge(directorNeighbours, {
        facts: {
          director1: {
            routes: [aRoute('10.10.10.10', { interface: word })],
            neighbours: [{ address: '10.10.10.10', interface: word, mac: word, state: 'permanent' }],
          },
        },
      }),
    ).remedy,
  'interface that merges packets': (word) =>
    finding(
      judge(offloads, {
        facts: {
          director1: {
            addresses: [anAddress(word, dip)],
            offloads: [{ interface: word, largeReceive: true }],
          },
        },
      }),
    ).remedy,
  'interface of a way from the VIP': (word) =>
    finding(
      judge(sourceAddress, {
        cluster: aDirectCluster('dr'),
        facts: { director1: { routes: [aRoute('192.168.122.11', { interface: word, gateway: word, source: vip })] } },
      }),
    ).remedy,
  'interface of another MTU': (word) =>
    finding(
      judge(mtu, {
        on: 'rs1',
        facts: {
          rs1: {
            addresses: [anAddress(word, '10.10.10.10')],
            links: [{ name: word, mtu: 9000, up: true, noArp: false }],
          },
        },
      }),
    ).remedy,
  'interface of files': (word) => {
    const persistedNetwork = {
      files: ['/etc/network/interfaces'],
      addresses: [{ interface: word, address: '10.10.10.10', file: '/etc/network/interfaces' }],
      gateways: [],
      other: [],
    };
    const links = [{ name: word, mtu: 9000, up: true, noArp: false }];
    const rs1 = { addresses: [anAddress(word, '10.10.10.10')], links, persistedNetwork };
    return finding(judge(mtu, { on: 'rs1', facts: { rs1 } })).remedy;
  },
  'words of a rule': (word) => {
    const cluster = aClusterWith({ scheduler: 'sh' });
    return finding(
      judge(hashFallback, { cluster, facts: changedRules(cluster, { extra: [word, word] }, { 0: { weight: 0 } }) }),
    ).remedy;
  },
  'value of a sysctl': (word) => setSysctl('rs1', 'x', 'net.ipv4.ip_local_port_range', '1 2', word),
};

describe('remedies of a host that says hostile things', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-remedy-'));
    // Every program a remedy names says what it was called with, and does nothing.
    for (const name of [
      'ip',
      'sysctl',
      'arping',
      'hostnamectl',
      'cp',
      'mv',
      'nmcli',
      'ethtool',
      'ipvsadm',
      'visudo',
      'chmod',
      'rm',
      'echo',
      'sed',
    ])
      writeFileSync(join(directory, name), '#!/bin/sh\nfor word; do printf "%s\\n" "$word" >> calls; done\n', {
        mode: 0o755,
      });
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const lines = ({ commands, persistent = [], undo = [] }: Remedy): string[] => [...commands, ...persistent, ...undo];

  for (const [what, remedyFor] of Object.entries(remedies)) {
    it(`run nothing of theirs: ${what}`, function () {
      this.timeout(30_000);
      for (const word of evil) {
        const remedy = remedyFor(word);
        if (remedy === undefined) throw new RangeError('there is always a remedy here');
        for (const line of lines(remedy)) {
          expect(line, word).to.not.match(/[\p{Cc}\p{Cf}]/u);
          // Redirections of the remedy itself stay inside the folder.
          const inside = line.replaceAll(/>>? *(\/etc\/[^\s']*)/g, '>> target');
          const { status } = spawnSync('/bin/sh', ['-c', `unalias -a; ${inside}`], {
            cwd: directory,
            env: { PATH: `${directory}:/bin:/usr/bin` },
          });
          expect(status, line).to.equal(0);
        }
        expect(readdirSync(directory), word).to.not.include('pwned');
      }
      expect(readFileSync(join(directory, 'calls'), 'utf8')).to.not.equal('');
    });
  }

  it('keep sed to the one command that was meant', () => {
    const file = join(directory, 'hosts');
    for (const word of evil) {
      writeFileSync(file, `${word.split('\n')[0] ?? ''} rs2\n127.0.0.1 localhost\n`);
      const { remedy } = finding(
        judge(hostsFile, { on: 'rs1', facts: { rs1: { hostsFile: [{ address: word, names: ['rs2'] }] } } }),
      );
      const line = (remedy?.commands[0] ?? '').replaceAll('/etc/hosts', file);
      spawnSync('/bin/sh', ['-c', line], { cwd: directory });
      expect(readdirSync(directory), word).to.not.include('pwned');
      expect(readFileSync(file, 'utf8')).to.include('127.0.0.1 localhost');
      if (!/\p{Cc}/u.test(word)) expect(readFileSync(file, 'utf8'), word).to.include('10.10.10.20 rs2');
    }
  });
});
