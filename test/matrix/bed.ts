/** A lab that cases are tried on, one after the other, by the commands a user has. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

import { type Ended, labUp, onHost, record, run } from '../lab/product.ts';
import { type MatrixCase, nameOf, type Setting } from './cases.ts';
import type { Result } from './results.ts';
import { type Score, scoreOf, scoreOfHealthy } from './score.ts';

/** Longest that `ipvet diagnose` may take. */
const LIMIT_MS = 120_000;

/** The table is empty again, which no command of a running IPVS makes it: entries outlive rules. */
const emptied = [
  'set -e',
  'rules=$(ipvsadm -Sn)',
  'ipvsadm -C',
  "modprobe -r $(lsmod | sed -n 's/^\\(ip_vs_[a-z]*\\) .*/\\1/p') ip_vs",
  'modprobe ip_vs',
  'printf \'%s\\n\' "$rules" | ipvsadm -R',
].join('\n');

/** Nothing of the fault before is in what keepalived said. */
const forgotten = 'journalctl -q --rotate && journalctl -q --vacuum-time=1s';

/** Somebody has asked for the VIP before ipvet does, and whoever believes the wrong host does so by now. */
const used = 'curl -s -m 1 -o /dev/null http://192.168.122.100/ || :; sleep 1.2';

export class Bed {
  readonly name: string;
  readonly setting: Setting;
  readonly #out: string;
  readonly #keep: string | undefined;
  #clusterFile = '';
  /** Neither could the last case be taken back nor the lab be made anew. */
  isLost = false;

  /** `keep` is where the records of what was missed are left. */
  constructor(name: string, setting: Setting, out: string, keep?: string) {
    this.name = name;
    this.setting = setting;
    this.#out = join(out, name);
    this.#keep = keep;
  }

  /** The lab is up, and its director has the rules, now and at the next boot. */
  async up(): Promise<void> {
    mkdirSync(this.#out, { recursive: true });
    this.#clusterFile = await labUp(this.name, ...this.setting.options);
    if (this.setting.pair) return;
    for (const command of ['apply', 'save']) {
      const ended = await run(['rules', command, '-i', this.#clusterFile, '-o', this.#out, '--yes']);
      expect(ended.code, ended.stderr).to.equal(0);
    }
  }

  async down(): Promise<void> {
    await run(['lab', 'down', '--name', this.name]);
    rmSync(this.#out, { recursive: true, force: true });
  }

  /** What came of a case. The lab is as it was afterwards, or a new one. Never rejects. */
  async try(one: MatrixCase): Promise<Result> {
    const startedAtMs = performance.now();
    const so = () => ({ of: one, seconds: (performance.now() - startedAtMs) / 1000 });
    let result: Result;
    try {
      await this.#settle();
      await this.#make(one);
      await onHost(this.name, 'root@client1', used);
      const ended = await this.#diagnose();
      // Killed, or ended by a signal (128 and its number): nothing was looked at.
      if (ended.code < 0 || ended.code > 128) throw new Error(`interrupted: exit code ${ended.code}`);
      const whole = await this.#isWhole();
      result = whole
        ? { ...so(), score: this.#scored(one, ended) }
        : { ...so(), broken: 'the lab broke while it was looked at' };
    } catch (error) {
      result = { ...so(), broken: String(error instanceof Error ? error.message : error) };
    }
    const back = await this.#unmake(one).then(
      () => true,
      () => false,
    );
    if (!back || 'broken' in result) {
      await this.down();
      await this.up().catch(() => {
        this.isLost = true;
      });
    }
    return result;
  }

  #diagnose(): Promise<Ended> {
    const out = join(this.#out, 'runs');
    rmSync(out, { recursive: true, force: true });
    const args = ['diagnose', '-i', this.#clusterFile, '-o', out, '--json', '--timeout', '60s'];
    return run(args, undefined, LIMIT_MS);
  }

  /** Nothing of the case before is in the director's table, or known to those who ask for the VIP. */
  async #settle(): Promise<void> {
    const forget = 'ip neigh flush all';
    await Promise.all([
      ...(this.setting.pair
        ? [
            ...['director1', 'director2'].map((name) => onHost(this.name, `root@${name}`, forgotten)),
            // Their gateway was the other director's a moment ago.
            ...['rs1', 'rs2', 'rs3'].map((name) => onHost(this.name, `root@${name}`, forget)),
          ]
        : [onHost(this.name, 'root@director1', emptied)]),
      onHost(this.name, 'root@client1', forget),
      onHost(this.name, 'root@infra', forget),
    ]);
  }

  async #make(one: MatrixCase): Promise<void> {
    if ('fault' in one) return this.#fault('apply', one);
    for (const { on, apply } of one.variant.changes) await onHost(this.name, `root@${on}`, apply);
  }

  async #unmake(one: MatrixCase): Promise<void> {
    if ('fault' in one) return this.#fault('revert', one);
    for (const { on, revert } of one.variant.changes.toReversed()) await onHost(this.name, `root@${on}`, revert);
  }

  async #fault(verb: 'apply' | 'revert', { fault, host }: Extract<MatrixCase, { fault: unknown }>): Promise<void> {
    const ended = await run(['lab', 'fault', verb, fault.id, '--on', host, '--name', this.name]);
    expect(ended.code, ended.stderr).to.equal(0);
  }

  async #isWhole(): Promise<boolean> {
    const { stdout } = await run(['lab', 'status', '--name', this.name, '--json']);
    return (JSON.parse(stdout) as { readonly phase: string }).phase === 'up';
  }

  #scored(one: MatrixCase, ended: Ended): Score {
    let said;
    try {
      said = record(ended);
    } catch {
      const got = `no record, exit code ${ended.code}: ${ended.stderr.trim().split('\n').at(-1) ?? ''}`;
      return { right: false, falseAlarm: false, got, remarks: [] };
    }
    const score = 'fault' in one ? scoreOf(one.wanted, said) : scoreOfHealthy(said);
    if (this.#keep !== undefined && (!score.right || score.falseAlarm)) {
      mkdirSync(this.#keep, { recursive: true });
      writeFileSync(join(this.#keep, `${nameOf(one).replace(/[^\w-]+/g, '_')}.json`), ended.stdout);
    }
    return score;
  }
}
