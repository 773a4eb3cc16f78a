/** Writes a rehearsal's commands down, one by one: who runs what where. Knows nothing of their order. */
import { fingerprintArgv } from '../changes/fingerprint.ts';
import { changeArgv, guardPlace, guardPlaceOf, keeperArgv, undoProgram } from '../changes/guard-program.ts';
import { sourcePoolUndo } from '../changes/source-pool.ts';
import type { UndoStep } from '../changes/undo-step.ts';
import { IpvetError } from '../errors.ts';
import { factsCommands } from '../facts/commands.ts';
import type { FactQuestions } from '../facts/questions.ts';
import type { RulesBatch } from '../ipvs/batch.ts';
import { ownershipScript } from '../ipvs/owner.ts';
import type { Client, VirtualService } from '../model/cluster.ts';
import type { HostCommand } from '../model/custom-check.ts';
import type { Tier } from '../model/tier.ts';
import {
  guardCommand,
  ipvsadmCounters,
  ipvsadmRestore,
  ipvsadmSave,
  ipvsadmThresholds,
  poolAddresses,
  poolCommands,
  type RootCommand,
} from '../privileges/index.ts';
import { redactor } from '../redaction.ts';
import { estimationArgv } from '../sampling/counters.ts';
import { endCountersArgv } from '../sampling/end-counters.ts';
import { entriesArgv, samplerArgv, tablePath } from '../sampling/program.ts';
import { lineOf, type Login } from '../ssh/line.ts';
import { destinationOrderArgv } from './distribution-input.ts';
import type { RehearsedCommand, RehearsedRootCommand } from './rehearsal.ts';
import { addressesArgv } from '../ipvs/vip-holder.ts';
import { mostEntries } from './entries-by-port.ts';
import { mostFailed } from './failed-entries.ts';
import { probesOf } from './probe.ts';

/** Where in the run a command stands. */
export interface Step {
  readonly host: string;
  readonly stage: string;
  readonly condition?: string;
  /** Started together with the one before it. */
  readonly alongside?: true;
}

type Extras = Pick<RehearsedCommand, 'stdin' | 'root' | 'undo'>;

/** A script looks whether it is there first. */
const whereFound = 'where it is installed and needed';

export class Script {
  readonly #logins: ReadonlyMap<string, Login>;
  readonly #commands: RehearsedCommand[] = [];

  constructor(logins: ReadonlyMap<string, Login>) {
    this.#logins = logins;
  }

  get commands(): readonly RehearsedCommand[] {
    return this.#commands;
  }

  facts(step: Step, tier: Tier, questions: FactQuestions): void {
    const { declaration } = this.#login(step.host);
    for (const { argv, facts, root, condition } of factsCommands(declaration, questions)) {
      const programs = this.#root(step.host, root, whereFound);
      const at = condition === undefined ? step : { ...step, condition };
      this.#add(at, tier, argv, `asks for ${facts.join(', ')}`, programs.length === 0 ? {} : { root: programs });
    }
  }

  /** A check's own, as the cluster file has it: what is secret in it stays out of what is shown. */
  ownCommand(step: Step, check: string, { argv }: HostCommand): void {
    const shown = argv.map((word) => redactor.text(word));
    this.#add(step, 'read', shown, `what ${check} of the operator's own asks`);
  }

  /** Takes the lock and starts what undoes when the run is gone; stays until the lock is given back. */
  guard(step: Step): void {
    const { declaration, user } = this.#login(step.host);
    const place = guardPlaceOf(declaration);
    const root = place === guardPlace ? this.#root(step.host, [guardCommand(user)], 'where systemd is in charge') : [];
    const what = `takes the lock (${place.folder}), keeps the undo steps there, and starts what undoes when this run is gone`;
    this.#add(step, 'change', keeperArgv(place), what, root.length === 0 ? {} : { root });
  }

  fingerprint(step: Step): void {
    this.#add(
      step,
      'read',
      fingerprintArgv,
      'reads addresses, kernel settings and units, to compare before with after',
    );
  }

  /** `occupied`: there are destinations, whose thresholds are then read too. */
  readRules(step: Step, occupied: boolean): void {
    this.#addRoot(step, ipvsadmSave);
    if (occupied) this.#addRoot(step, ipvsadmThresholds);
  }

  /** Where keepalived runs, its configuration is read as well. */
  ownership(step: Step): void {
    this.#add(step, 'read', ['sh', '-s'], 'looks whether keepalived, ldirectord or kube-proxy makes the rules', {
      stdin: ownershipScript,
    });
  }

  applyRules(step: Step, { input, undoInput }: RulesBatch): void {
    const what = `has all of its input here, then ${ipvsadmRestore.why}`;
    this.#change(step, ipvsadmRestore, what, { stdin: input, undo: undoInput });
  }

  undo(step: Step, { what, script }: UndoStep): void {
    const root = this.#root(
      step.host,
      rootProgramsIn(script, [ipvsadmRestore, ipvsadmSave, ...poolCommands(this.#login(step.host).declaration)]),
    );
    this.#add(step, 'change', ['sh', '-s'], `takes back: ${what}`, {
      // It is the only step of its host.
      stdin: undoProgram(1, script, guardPlaceOf(this.#login(step.host).declaration)),
      ...(root.length === 0 ? {} : { root }),
    });
  }

  holder(step: Step): void {
    this.#add(step, 'read', addressesArgv, 'looks which director has the VIP: that one is sampled');
  }

  destinationOrder(step: Step): void {
    this.#add(step, 'traffic', destinationOrderArgv, 'reads in which order the kernel has the destinations');
  }

  sampler(step: Step, service: VirtualService): void {
    this.#add(step, 'traffic', samplerArgv([service]), 'samples the connection table while the load goes on');
  }

  counters(step: Step): void {
    this.#add(step, 'traffic', estimationArgv, 'reads whether the kernel keeps the counters up to date');
    this.#addRoot({ ...step, alongside: true }, ipvsadmCounters);
  }

  /** Which addresses of a pool the client has; and with `adding` those that it does not have. */
  sources(step: Step, client: Client, adding: boolean): void {
    this.#add(step, 'read', addressesArgv, 'reads which addresses of its pool it has');
    if (!adding) return;
    for (const { address, add, remove } of poolAddresses(client))
      this.#change({ ...step, condition: `where it does not have ${address}` }, add, add.why, {
        undo: remove.argv.join(' '),
      });
    const condition = 'where addresses were added';
    this.#add({ ...step, condition }, 'read', addressesArgv, 'looks whether it has all of them');
  }

  removeSources(step: Step, client: Client): void {
    const addresses = poolAddresses(client);
    this.undo({ ...step, condition: 'where addresses were added, for those' }, sourcePoolUndo(client, addresses));
  }

  ends(step: Step): void {
    this.#add(step, 'traffic', endCountersArgv, 'reads what its kernel counts of TCP, UDP and IP');
  }

  failedEntries(step: Step, service: VirtualService): void {
    this.#entries(step, service, `up to ${mostFailed} requests that failed`, mostFailed);
  }

  probedEntries(step: Step, service: VirtualService): void {
    const probes = probesOf(service);
    this.#entries(step, service, `${probes} requests more`, probes);
  }

  /** Which ports it will be is not known before. */
  #entries(step: Step, service: VirtualService, of: string, ports: number): void {
    const what = `reads the connection entries of ${of}, by their source ports, which it gets as \`ports\``;
    this.#add(step, 'traffic', entriesArgv(service, tablePath, { limit: mostEntries(ports) }), what);
  }

  #add(step: Step, tier: Tier, argv: readonly string[], what: string, extras: Extras = {}): void {
    this.#append(step, { tier, argv, what, asRoot: false }, extras);
  }

  #addRoot(step: Step, { argv, tier, why }: RootCommand, extras: Extras = {}): void {
    this.#append(step, { tier, argv, what: why, asRoot: true }, extras);
  }

  /** What `Guard.make` starts. */
  #change(step: Step, command: RootCommand, what: string, extras: Extras): void {
    const place = guardPlaceOf(this.#login(step.host).declaration);
    const root = this.#root(step.host, [command]);
    this.#add(step, command.tier, changeArgv(command.argv, place), what, { root, ...extras });
  }

  #append(
    { host, stage, condition, alongside }: Step,
    program: { tier: Tier; argv: readonly string[]; what: string; asRoot: boolean },
    extras: Extras,
  ): void {
    const { argv, user, sudo } = lineOf(program.argv, this.#login(host), program.asRoot);
    this.#commands.push({
      host,
      tier: program.tier,
      stage,
      user,
      ...(sudo ? { via: 'sudo' as const } : {}),
      argv,
      what: program.what,
      ...(condition === undefined ? {} : { condition }),
      ...(alongside === undefined ? {} : { alongside }),
      ...extras,
    });
  }

  /** What a script of ours runs as root by itself; nothing where root is not to be had. */
  #root(host: string, commands: readonly RootCommand[], condition?: string): readonly RehearsedRootCommand[] {
    const { user, become } = this.#login(host);
    if (user !== 'root' && become === 'none') return [];
    return commands.map(({ argv, why }) => ({
      argv,
      ...(user === 'root' ? {} : { via: 'sudo' as const }),
      what: why,
      ...(condition === undefined ? {} : { condition }),
    }));
  }

  #login(host: string): Login {
    const login = this.#logins.get(host);
    if (login === undefined) throw new IpvetError('INTERNAL', `${host} has no login`, { host });
    return login;
  }
}

/** As `root PROGRAM ARGS` in the text, in the order of their first mention. */
function rootProgramsIn(text: string, commands: readonly RootCommand[]): readonly RootCommand[] {
  const at = ({ argv }: RootCommand) => text.indexOf(`root ${argv.join(' ')}`);
  return commands.filter((command) => at(command) >= 0).toSorted((a, b) => at(a) - at(b));
}
