/** What `rules apply` would do where ipvsadm looks after the rules: the plan has been read, the rest follows from it. */
import type { DirectorPlan } from '../ipvs/installation.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Host } from '../ssh/host.ts';
import { lineOf, type Login } from '../ssh/line.ts';
import { directorRules } from './rehearse.ts';
import type { Rehearsal, RehearsalReading } from './rehearsal.ts';
import { Script } from './rehearsal-script.ts';

/** Hosts that remember what was started on them, for a plan whose reading is to be told. */
export class Reading {
  readonly #cluster: Cluster;
  readonly #reads: RehearsalReading[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get reads(): readonly RehearsalReading[] {
    return this.#reads;
  }

  host(host: Host): Host {
    const note = (argv: readonly string[], asRoot: boolean, stdin?: string): void => {
      const { argv: line, user, sudo } = lineOf(argv, loginOf(host, this.#cluster), asRoot);
      this.#reads.push({
        host: host.declaration.name,
        user,
        ...(sudo ? { via: 'sudo' as const } : {}),
        argv: line,
        ...(stdin === undefined ? {} : { stdin }),
      });
    };
    return {
      declaration: host.declaration,
      user: host.user,
      exec: (argv, options) => {
        note(argv, options?.asRoot === true, options?.stdin);
        return host.exec(argv, options);
      },
      spawn: (argv, options) => {
        note(argv, options?.asRoot === true);
        return host.spawn(argv, options);
      },
    };
  }
}

/** `reads`: what making the plans ran; applying them begins with the same. */
export function rehearseApply(
  cluster: Cluster,
  plans: readonly DirectorPlan[],
  reads: readonly RehearsalReading[],
): Rehearsal {
  const logins = new Map(plans.map(({ host }) => [host.declaration.name, loginOf(host, cluster)]));
  const script = new Script(logins);
  const changing = plans
    .map(({ host, before }) => directorRules(cluster, host.declaration.name, before))
    .filter(({ batch }) => batch.operations.length > 0);
  for (const { director: host } of changing) script.guard({ host, stage: 'lock' });
  for (const { director: host, batch, occupied } of changing) {
    const step = { host, stage: 'rules' };
    script.readRules(step, occupied.before);
    script.applyRules(step, batch);
    script.readRules(step, occupied.after);
  }
  const plan = reads.map((reading) => ({
    ...reading,
    tier: 'read' as const,
    stage: 'plan',
    what: 'reads who looks after the rules, and the rules',
  }));
  return { reads, commands: [...plan, ...script.commands], load: [], problems: [] };
}

function loginOf({ declaration, user }: Host, { ssh }: Cluster): Login {
  return { declaration, user, become: ssh.become };
}
