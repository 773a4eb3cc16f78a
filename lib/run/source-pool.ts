/** Gives a client the addresses its load comes from, for the time of the run; those it has already are left alone. */
import type { Guards } from '../changes/guards.ts';
import { sourcePoolUndo } from '../changes/source-pool.ts';
import { IpvetError } from '../errors.ts';
import type { Client } from '../model/cluster.ts';
import { parseIpAddressText } from '../parse/ip-address.ts';
import { type PoolAddress, poolAddresses } from '../privileges/index.ts';
import type { Fleet, Host } from '../ssh/host.ts';
import { checkExit } from '../ssh/outcome.ts';
import type { Journal } from './journal.ts';
import { addressesArgv } from '../ipvs/vip-holder.ts';
import { timed } from './stages.ts';
import type { UndoStack } from './undo.ts';

export interface SourcePoolOptions {
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

export class SourcePool {
  readonly #options: SourcePoolOptions;
  readonly #added = new Map<string, Promise<void>>();

  constructor(options: SourcePoolOptions) {
    this.#options = options;
  }

  /** Once for each client. Throws REFUSED without guards where addresses are absent; UNGUARDED, EXEC_FAILED, and what `Host` throws. */
  add(client: Client, guards: Guards | undefined): Promise<void> {
    if (client.pool === undefined) return Promise.resolve();
    const added =
      this.#added.get(client.name) ??
      timed(this.#options.journal, `addresses ${client.name}`, () => this.#add(client, guards));
    this.#added.set(client.name, added);
    return added;
  }

  /** Nothing is being added any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#added.values());
  }

  async #add(client: Client, guards: Guards | undefined): Promise<void> {
    const { fleet, undo, signal } = this.#options;
    const host = await fleet.host(client.name);
    const absent = await absentAddresses(host, client, signal);
    if (absent.length === 0) return;
    if (guards === undefined) throw notAllowed(client, absent);
    signal.throwIfAborted();
    const guard = guards.of(client.name);
    await undo.change(
      guard,
      {
        undo: sourcePoolUndo(client, absent),
        changes: absent.map(({ entry, add, remove }) => ({
          host: client.name,
          what: `address ${entry} on ${client.interface ?? ''}`,
          command: add.argv.join(' '),
          undo: remove.argv.join(' '),
        })),
      },
      async (step) => {
        for (const { add } of absent) checkExit(await guard.make(step, add, '', signal), client.name);
      },
      // sudo refused the first: nothing was added.
      (error) => error.code === 'PERMISSION',
    );
    const left = await absentAddresses(host, client, signal);
    if (left.length === 0) return;
    throw new IpvetError(
      'EXEC_FAILED',
      `${client.name} does not have ${left.map(({ entry }) => entry).join(', ')}, though they were added`,
      {
        host: client.name,
        hint: `something takes addresses away from ${client.interface ?? ''}: look at its network manager`,
      },
    );
  }
}

/** An address counts as there on any interface, with any prefix. */
async function absentAddresses(host: Host, client: Client, signal: AbortSignal): Promise<readonly PoolAddress[]> {
  const { exitCode, stdout, stderr } = await host.exec(addressesArgv, { exitCodes: 'any', signal });
  if (exitCode === 127)
    throw new IpvetError(
      'EXEC_FAILED',
      `${client.name} has no program \`ip\`, and its pool of addresses cannot be looked at`,
      {
        host: client.name,
        hint: 'install iproute2, or give the client one cip that it has',
      },
    );
  if (exitCode !== 0)
    throw new IpvetError(
      'EXEC_FAILED',
      `${client.name} does not list its addresses: ${stderr.trim().split('\n').at(-1) ?? ''}`,
      {
        host: client.name,
      },
    );
  const there = new Set(addressesIn(stdout, client.name));
  return poolAddresses(client).filter(({ address }) => !there.has(address));
}

function addressesIn(text: string, host: string): readonly string[] {
  try {
    return parseIpAddressText(text).map(({ address }) => address);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new IpvetError('EXEC_FAILED', `${host} lists its addresses in words that are not known: ${said}`, { host });
  }
}

function notAllowed(client: Client, absent: readonly PoolAddress[]): IpvetError {
  const named = absent.slice(0, 3).map(({ address }) => address);
  const rest = absent.length > named.length ? ` and ${absent.length - named.length} more` : '';
  return new IpvetError(
    'REFUSED',
    `${client.name} does not have ${named.join(', ')}${rest} of its pool, and adding them was not allowed`,
    { host: client.name, hint: '--allow traffic,change adds them for the load, and removes them after it' },
  );
}
