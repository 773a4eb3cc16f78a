/** What `ipvet failover` would do now, and what is to be expected of it. Reads what the drills read, and does nothing. */
import type { Prediction, ScenarioName } from '../../model/failover.ts';
import { drillPlan, type DrillScene } from './scenarios.ts';
import { readDetails, readSettings, type SceneReader, stableOwner } from './scene.ts';
import type { DrillStep } from './steps.ts';

type ExpectedStep = Pick<DrillStep, 'host' | 'what'> & { readonly command: string; readonly undo: string };

export type ExpectedDrill =
  | {
      readonly scenario: ScenarioName;
      readonly steps: readonly ExpectedStep[];
      readonly predicted?: Prediction;
      readonly predictedBack?: Prediction;
    }
  /** Why it cannot be made. */
  | { readonly scenario: ScenarioName; readonly notDone: string };

export interface Outlook {
  /** Who has the VIP. */
  readonly owner: string;
  readonly drills: readonly ExpectedDrill[];
  /** What could not be read. */
  readonly problems: readonly string[];
}

/** Throws REFUSED for a cluster that is not stable, and what `Host` throws. */
export async function outlookOf(reader: SceneReader, scenarios: readonly ScenarioName[]): Promise<Outlook> {
  const owner = await stableOwner(reader);
  const problems: string[] = [];
  const settings = await readSettings(reader, ({ message }) => problems.push(message));
  const scene: DrillScene = { cluster: reader.cluster, service: reader.service, owner, ...settings };
  const drills: ExpectedDrill[] = [];
  for (const scenario of scenarios)
    drills.push(expected(scenario, { ...scene, ...(await readDetails(reader, scenario, owner)) }));
  return { owner, drills, problems };
}

/** Pure. */
export function expected(scenario: ScenarioName, scene: DrillScene): ExpectedDrill {
  const plan = drillPlan(scenario, scene);
  if ('obstacle' in plan) return { scenario, notDone: plan.obstacle };
  const { before = [], steps, predicted, predictedBack } = plan;
  return {
    scenario,
    steps: [...before, ...steps].map(({ host, what, text, undoText }) => ({
      host,
      what,
      command: text,
      undo: undoText,
    })),
    ...(predicted === undefined ? {} : { predicted }),
    ...(predictedBack === undefined ? {} : { predictedBack }),
  };
}
