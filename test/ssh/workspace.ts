/** A folder of a test's own: keys made now, an ssh configuration, known_hosts; and the cluster that uses them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { Client, Cluster, HostDeclaration } from '../../lib/model/cluster.ts';
import type { Fleet } from '../../lib/ssh/host.ts';
import { connectFleet, type FleetEvent, type FleetOptions } from '../../lib/ssh/fleet.ts';

export interface KeyPair {
  readonly path: string;
  readonly privateText: string;
  /** `type base64`. */
  readonly publicText: string;
}

export class Workspace {
  readonly dir = mkdtempSync(join(tmpdir(), 'ipvet-ssh-'));
  readonly #fleets: Fleet[] = [];
  readonly #blocks: string[] = [];
  readonly events: FleetEvent[] = [];

  file(name: string, text: string): string {
    const path = join(this.dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  key(name: string, type: 'ed25519' | 'ecdsa' = 'ed25519', passphrase?: string): KeyPair {
    const pair = generate(type, passphrase);
    const publicText = pair.public.split(' ').slice(0, 2).join(' ');
    return { path: this.file(name, pair.private), privateText: pair.private, publicText };
  }

  /** One Host block of the ssh configuration; everything is looked up in this folder unless said otherwise. */
  ssh(alias: string, options: Readonly<Record<string, string | number>>): void {
    this.#blocks.push(
      [`Host ${alias}`, ...Object.entries(options).map(([key, value]) => `  ${key} ${value}`)].join('\n'),
    );
  }

  cluster(
    hosts: readonly (Pick<HostDeclaration, 'name'> & Partial<HostDeclaration>)[],
    ssh: Partial<Cluster['ssh']> = {},
  ): Cluster {
    const defaults = [
      'Host *',
      '  HostName 127.0.0.1',
      '  User ops',
      `  UserKnownHostsFile ${join(this.dir, 'known_hosts')}`,
      '  GlobalKnownHostsFile none',
      '  IdentityAgent none',
    ];
    const clients: Client[] = hosts.map((host) => ({
      host: host.name,
      ...host,
      role: 'client',
      cip: '192.0.2.1',
    }));
    return {
      name: 'test',
      environment: 'lab',
      file: join(this.dir, 'cluster.yaml'),
      ssh: {
        become: 'sudo',
        parallel: 8,
        configFile: this.file('config', [...this.#blocks, ...defaults].join('\n')),
        ...ssh,
      },
      directors: [],
      realServers: [],
      clients,
      dns: [],
      virtualServices: [],
      rules: { managedBy: 'none' },
      loadProfiles: [],
      thresholds: [],
      waivers: [],
      checks: { profile: 'standard', custom: [] },
    };
  }

  fleet(cluster: Cluster, options: Partial<FleetOptions> = {}): Fleet {
    const fleet = connectFleet(cluster, {
      signal: new AbortController().signal,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.#fleets.push(fleet);
    return fleet;
  }

  /** Closes every fleet and takes the folder away. */
  async close(): Promise<void> {
    await Promise.all(this.#fleets.map((fleet) => fleet.close()));
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** One in about 256 Ed25519 keys that ssh2 makes is malformed, for OpenSSH too; such a one is made again. */
function generate(
  type: 'ed25519' | 'ecdsa',
  passphrase?: string,
): { readonly private: string; readonly public: string } {
  for (let tries = 0; tries < 10; tries++) {
    const pair =
      passphrase !== undefined
        ? ssh2.utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-ctr', rounds: 4 })
        : type === 'ed25519'
          ? ssh2.utils.generateKeyPairSync('ed25519')
          : ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair;
  }
  throw new Error('ssh2 makes no key that can be read');
}
