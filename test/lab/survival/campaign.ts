/** Everything that is tried, on several labs at the same time. */
import { clockJump } from './clock.ts';
import { signals, suspended, terminalClosed, twice } from './interruptions.ts';
import { killAt, killPlan, measure } from './kills.ts';
import { guardKilled, race, staleLock } from './locks.ts';
import { momentsOf, type MeasuredStage } from './moments.ts';
import { connectionKilled, directorReset, networkBack, networkGone, realServerOff } from './network-and-power.ts';
import type { Outcome, Strike } from './strike.ts';
import { Testbed } from './testbed.ts';

/** At least one moment in each. */
const KINDS = ['facts', 'lock', 'rules', 'load web', 'restore'];
const HOUR_MS = 3_600_000;

export interface CampaignOptions {
  readonly seed: number;
  /** How many moments the runner is killed at. */
  readonly kills: number;
  readonly labs: number;
  /** Where runs are kept. */
  readonly out: string;
  /** Only strikes whose id contains one of these. */
  readonly only?: readonly string[];
  readonly onProgress?: (text: string) => void;
}

/** What goes on while a run is struck, besides the moments it is killed at. The longest first. */
const disturbances: readonly Strike[] = [
  ...[
    directorReset,
    suspended,
    networkGone,
    staleLock,
    race,
    connectionKilled,
    realServerOff,
    networkBack,
    guardKilled,
  ],
  ...[twice, terminalClosed, ...signals],
  clockJump('+1 day', 24 * HOUR_MS),
  clockJump('-1 hour', -HOUR_MS),
];

/** Everything a campaign tries, before it is known when exactly. */
export const planned = (kills: number): readonly Pick<Strike, 'id' | 'title'>[] => [
  ...Array.from({ length: kills }, (_, index) => killPlan(index + 1)),
  ...disturbances.map(({ id, title }) => ({ id, title })),
];

export interface Tried {
  readonly strike: Strike;
  readonly outcome: Outcome;
}

export class Campaign {
  readonly strikes: readonly Strike[];
  readonly stages: readonly MeasuredStage[];
  readonly #beds: readonly Testbed[];
  readonly #options: CampaignOptions;
  readonly #waiting = new Map<string, { resolve: (outcome: Outcome) => void; reject: (reason: unknown) => void }>();
  readonly #outcomes = new Map<string, Promise<Outcome>>();

  private constructor(options: CampaignOptions, beds: readonly Testbed[], stages: readonly MeasuredStage[]) {
    this.#options = options;
    this.#beds = beds;
    this.stages = stages;
    const moments = momentsOf(stages, options.kills, options.seed, KINDS);
    const { only = [] } = options;
    // The longest first, so that no lab ends long after the others.
    this.strikes = [
      ...disturbances.slice(0, 5),
      ...moments.map((moment, index) => killAt(moment, index + 1)),
      ...disturbances.slice(5),
    ].filter(({ id }) => only.length === 0 || only.some((word) => id.includes(word)));
    for (const { id } of this.strikes) {
      const outcome = new Promise<Outcome>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
      // Told to whoever asks for it.
      outcome.catch(() => undefined);
      this.#outcomes.set(id, outcome);
    }
  }

  /** Brings the labs up and measures one run. */
  static async begin(options: CampaignOptions): Promise<Campaign> {
    const names = Array.from({ length: options.labs }, (_, index) => `survival-${index + 1}`);
    const settled = await Promise.allSettled(names.map((name) => Testbed.up(name, options.out)));
    const beds = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    try {
      const failed = settled.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      // All at once, as the strikes will be: a run alone on the machine would be shorter.
      const [stages = []] = await Promise.all(beds.map((bed) => measure(bed)));
      return new Campaign(options, beds, stages);
    } catch (error) {
      await Promise.allSettled(beds.map((bed) => bed.down()));
      throw error;
    }
  }

  /** Tries everything. Never rejects: what broke is told by `outcomeOf`. */
  async run(): Promise<void> {
    const left = [...this.strikes];
    await Promise.all(
      this.#beds.map(async (bed) => {
        for (let strike = left.shift(); strike !== undefined; strike = left.shift()) await this.#try(bed, strike);
      }),
    );
  }

  /** Undefined when it is not among those asked for. */
  outcomeOf(id: string): Promise<Outcome> | undefined {
    return this.#outcomes.get(id);
  }

  async end(): Promise<void> {
    await Promise.all(this.#beds.map((bed) => bed.down()));
  }

  async #try(bed: Testbed, strike: Strike): Promise<void> {
    const waiting = this.#waiting.get(strike.id);
    try {
      const outcome = await strike.act(bed);
      this.#options.onProgress?.(`${bed.name}: ${strike.title}: ${summary(outcome)}`);
      if (outcome.left.length > 0) await bed.recover();
      waiting?.resolve(outcome);
    } catch (error) {
      this.#options.onProgress?.(`${bed.name}: ${strike.title}: ${String(error)}`);
      await bed.recover().catch(() => undefined);
      waiting?.reject(error);
    }
  }
}

/** When it struck, how the run ended, how long until everything was as before, what was lost. */
export function summary(outcome: Outcome): string {
  const { ending, equalAfterMs, left, broken } = outcome;
  const equal = equalAfterMs === undefined ? 'NOT as found' : `as found after ${(equalAfterMs / 1000).toFixed(1)} s`;
  return [outcome.moment, ending, equal, `lost: ${left.join('; ') || 'nothing'}`, ...broken].join(' · ');
}

/** The same as rows of a Markdown table. */
export function table(all: readonly Tried[]): string {
  const rows = all.map(({ strike, outcome: { moment, ending, equalAfterMs, left, broken } }) => {
    const equal = equalAfterMs === undefined ? 'never' : `${(equalAfterMs / 1000).toFixed(1)} s`;
    const lost = [...left, ...broken].join('; ') || 'nothing';
    return [strike.title, moment, ending, equal, lost];
  });
  const head = ['fault tried', 'moment', 'the run ended with', 'as found after', 'lost'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}
