/** Takes the lock of a host and arms its guard, or says who has it. */
import { IpvetError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import { Channel, type HeldLock, type Opening } from './channel.ts';
import { Guard, type GuardOptions } from './guard.ts';
import { type GuardPlace, guardPlace, takeOverArgv } from './guard-program.ts';

/** Throws LOCKED, UNGUARDED (it could not be armed), and what `Host` throws. */
export async function openGuard(host: Host, options: GuardOptions): Promise<Guard> {
  const { holder, signal, place = guardPlace } = options;
  const where = { signal, place };
  let begun = await Channel.open(host, 'begin', holder, where);
  let earlier = begun.earlier;
  if (
    begun.opening.kind === 'held' &&
    options.stealLock !== undefined &&
    (await options.stealLock(lockedError(host.declaration.name, begun.opening.lock, place.holdS).message))
  ) {
    await takeOver(host, begun.opening.lock, where);
    begun = await Channel.open(host, 'begin', holder, where);
    earlier = begun.earlier ?? earlier;
  }
  if (begun.opening.kind === 'armed')
    return new Guard(host, begun.channel, options, { earlier, bootId: begun.opening.bootId });
  await begun.channel.close();
  throw refusal(host, begun.opening, place);
}

/** Runs what the lock's holder left to undo, with the guard he put there. */
async function takeOver(
  host: Host,
  lock: HeldLock,
  { signal, place }: { readonly signal: AbortSignal; readonly place: GuardPlace },
): Promise<void> {
  const { name } = host.declaration;
  const argv = takeOverArgv(place);
  // Its steps are programs of whoever owns the folder, and are run as nobody else.
  if (!lock.own)
    throw new IpvetError(
      'LOCKED',
      `${lockedError(name, lock, place.holdS).message}: it belongs to another user there`,
      {
        host: name,
        hint: `as that user, on ${name}: ${argv.join(' ')}`,
      },
    );
  const { exitCode, stderr } = await host.exec(argv, { signal, exitCodes: 'any', timeoutMs: 60_000 });
  if (exitCode === 0) return;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  throw new IpvetError(
    'LOCKED',
    `${name}: the lock of ${lock.owner} (${lock.purpose}) could not be taken over${said === '' ? '' : `: ${said}`}`,
    {
      host: name,
      hint: `its undo steps failed; see log and step.* in ${place.folder} on ${name}`,
    },
  );
}

function refusal(host: Host, opening: Exclude<Opening, { kind: 'armed' }>, place: GuardPlace): IpvetError {
  const { name } = host.declaration;
  if (opening.kind !== 'held') {
    const reason = opening.kind === 'failed' ? opening.reason : `unexpected state ${opening.kind}`;
    return new IpvetError('UNGUARDED', `${name}: nothing is changed without a guard that can undo it: ${reason}`, {
      host: name,
      hint: `on ${name}: look at df /var/tmp, and that the login user may run the programs of \`ipvet doctor sudoers\``,
    });
  }
  return lockedError(name, opening.lock, place.holdS);
}

function lockedError(name: string, lock: HeldLock, holdS: number): IpvetError {
  const { runId, owner, purpose, since, silentS, guarded, steps, failedSteps } = lock;
  if (runId === '')
    return new IpvetError('LOCKED', `${name} has a folder where a lock would be, and it is none of ipvet's`, {
      host: name,
      hint: `on ${name}: ls -la ${guardPlace.folder}; remove it when nobody needs it`,
    });
  const who = `${owner === '' ? 'somebody' : owner} (${purpose}, run ${runId}, since ${since})`;
  const silence = silentS === undefined ? '' : `, last sign of life ${silentS} s ago`;
  if (guarded && failedSteps === '')
    return new IpvetError('LOCKED', `${name} is being changed by ${who}${silence}`, {
      host: name,
      hint: `wait for it; when its run is gone the guard on ${name} undoes and frees the lock within ${holdS + 10} s. --steal-lock undoes its changes now and takes the lock`,
    });
  const left = steps === 0 ? 'it had changed nothing' : `${steps} undo ${steps === 1 ? 'step' : 'steps'} left`;
  return new IpvetError('LOCKED', `${name} has a stale lock of ${who}${silence}: its guard has ended, ${left}`, {
    host: name,
    hint: '--steal-lock runs what is left to undo and takes the lock',
  });
}
