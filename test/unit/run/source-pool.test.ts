import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Guards } from '../../../lib/changes/guards.ts';
import { guardPlace, guardPlaceOf } from '../../../lib/changes/guard-program.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { poolAddresses, type RootCommand } from '../../../lib/privileges/index.ts';
import { Journal } from '../../../lib/run/journal.ts';
import { poolClient } from '../../../lib/run/selection.ts';
import { SourcePool } from '../../../lib/run/source-pool.ts';
import { UndoStack } from '../../../lib/run/undo.ts';
import type { ExecResult, Host } from '../../../lib/ssh/host.ts';
import { lineOf } from '../../../lib/ssh/line.ts';
import { aClient, aCluster } from '../../builders.ts';

const client = aClient({
  interface: 'eth0',
  netns: 'lab-client1',
  pool: ['192.168.122.1', '192.168.122.40', '192.168.122.41'],
});
const listed = (...addresses: string[]) =>
  [
    '1: lo    inet 127.0.0.1/8 scope host lo\\',
    ...addresses.map((one) => `2: eth0    inet ${one} scope global eth0\\`),
  ].join('\n');

/** A host with addresses; `broken` answers in place of it. */
class FakeClient implements Host {
  readonly declaration = client;
  readonly user = 'root';
  readonly ran: string[] = [];
  readonly addresses = new Set(['192.168.122.1/24']);
  broken: ((argv: readonly string[]) => Partial<ExecResult> | undefined) | undefined;

  exec(argv: readonly string[], options: { readonly asRoot?: boolean } = {}): Promise<ExecResult> {
    const { argv: line } = lineOf(argv, { declaration: client, user: 'root', become: 'none' }, options.asRoot === true);
    this.ran.push(line.slice(4).join(' '));
    const [, , verb, entry = ''] = argv;
    if (verb === 'add') this.addresses.add(entry);
    const answer = {
      argv,
      exitCode: 0,
      stdout: listed(...this.addresses),
      stderr: '',
      truncated: false,
      durationMs: 1,
      requestedAtMs: 0,
    };
    return Promise.resolve({ ...answer, ...this.broken?.(argv) });
  }

  spawn(): Promise<never> {
    return Promise.reject(new IpvetError('INTERNAL', 'not part of this host'));
  }
}

describe('source addresses of a load', () => {
  let folder = '';
  let host: FakeClient;
  let journal: Journal;
  let pool: SourcePool;
  let undo: UndoStack;
  let undone: string[];
  const guard = {
    register: ({ script }: { script: string }) => {
      host.ran.push('registered');
      undone.push(script);
      return Promise.resolve(undone.length);
    },
    undo: (step: number) => {
      host.ran.push(`undone ${step}`);
      return Promise.resolve();
    },
    keep: () => Promise.resolve(),
    make: (step: number, { argv }: RootCommand) => {
      expect(step, 'its undo is registered').to.equal(undone.length);
      return host.exec(argv, { asRoot: true });
    },
  };
  const guards = { of: () => guard } as unknown as Guards;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-pool-'));
    host = new FakeClient();
    undone = [];
    journal = new Journal(join(folder, 'run'));
    undo = new UndoStack(journal);
    const fleet = { host: () => Promise.resolve(host), close: () => Promise.resolve() };
    pool = new SourcePool({ fleet, journal, undo, signal: new AbortController().signal });
  });
  afterEach(() => {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const refused = async (work: Promise<unknown>): Promise<IpvetError> => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(IpvetError);
    return error as IpvetError;
  };

  it('are added where they are absent, once, after their undo was registered; one that is there is left alone', async () => {
    await Promise.all([pool.add(client, guards), pool.add(client, guards)]);
    expect(host.ran).to.deep.equal([
      'ip -o address show',
      'registered',
      'ip address add 192.168.122.40/32 dev eth0',
      'ip address add 192.168.122.41/32 dev eth0',
      'ip -o address show',
    ]);
    expect(undone[0]).to.include('root ip address delete 192.168.122.40/32 dev eth0').and.not.include('192.168.122.1/');
    await undo.undoAll();
    expect(host.ran.at(-1)).to.equal('undone 1');
  });

  it('need nothing where all are there', async () => {
    host.addresses.add('192.168.122.40/24').add('192.168.122.41/32');
    await pool.add(client, undefined);
    expect(host.ran).to.deep.equal(['ip -o address show']);
  });

  it('are refused without consent to change, by name', async () => {
    const { code, message, hint } = await refused(pool.add(client, undefined));
    expect(code).to.equal('REFUSED');
    expect(message).to.include('192.168.122.40, 192.168.122.41 of its pool');
    expect(hint).to.include('--allow traffic,change');
  });

  it('are an error of their own without the program ip, and without the interface', async () => {
    host.broken = () => ({ exitCode: 127, stdout: '', stderr: 'ip: not found' });
    expect((await refused(pool.add(client, guards))).message).to.include('client1 has no program `ip`');
    host.broken = ([, , verb]) => (verb === 'add' ? undefined : { stdout: 'gibberish' });
    pool = new SourcePool({
      fleet: { host: () => Promise.resolve(host), close: () => Promise.resolve() },
      journal,
      undo,
      signal: new AbortController().signal,
    });
    expect((await refused(pool.add(client, guards))).code).to.equal('EXEC_FAILED');
  });

  it('are not believed to be there because a program said so', async () => {
    host.broken = ([, , verb]) => (verb === 'add' ? undefined : { stdout: listed('192.168.122.1/24') });
    expect((await refused(pool.add(client, guards))).message).to.include('does not have 192.168.122.40/32');
    expect(undo.outstanding).to.have.length(2);
  });

  it('are added by words that are written down, and by no others', () => {
    const login = { declaration: client, user: 'root', become: 'none' } as const;
    for (const { add, remove } of poolAddresses(client))
      for (const { argv } of [add, remove]) expect(lineOf(argv, login, true).argv.slice(4)).to.deep.equal(argv);
    expect(() => lineOf(['ip', 'address', 'add', '10.9.9.9/32', 'dev', 'eth0'], login, true)).to.throw(
      /not among what/,
    );
    const six = aClient({ interface: 'eth0', pool: ['fd00::1', 'fd00::2'] });
    expect(poolAddresses(six)[1]?.add.argv.join(' ')).to.equal('ip address add fd00::2/128 dev eth0 nodad');
  });

  it('are added by runs that send load and may change, to a client that was not left out', () => {
    const cluster = aCluster({ clients: [client] });
    const may = { allow: { traffic: true, change: true }, stages: ['traffic'] } as const;
    expect(poolClient(may, cluster)).to.equal(client);
    expect(poolClient({ ...may, limit: ['director1'] }, cluster)).to.equal(undefined);
    expect(poolClient({ ...may, stages: ['pre'] }, cluster)).to.equal(undefined);
    expect(poolClient({ ...may, allow: { traffic: true, change: false } }, cluster)).to.equal(undefined);
    expect(poolClient(may, aCluster())).to.equal(undefined);
  });

  it('have a lock for each network namespace of the machine', () => {
    expect(guardPlaceOf(aClient())).to.equal(guardPlace);
    const { folder: place } = guardPlaceOf({ netns: "a'; rm -rf $HOME" });
    expect(place).to.match(/^\/var\/tmp\/ipvet\.netns-[A-Za-z0-9_.-]+$/);
  });
});
