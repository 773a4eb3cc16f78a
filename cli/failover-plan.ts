/** `ipvet failover --plan`: what would be done on which host, and what it should cost; as text, and with `--json` as one document. */
import { jsonText } from '../lib/model/json-text.ts';
import type { Prediction, ScenarioName } from '../lib/model/failover.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { type ExpectedDrill, type Outlook, outlookOf } from '../lib/run/failover/outlook.ts';
import type { SceneReader } from '../lib/run/failover/scene.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import { duration } from '../reports/units.ts';
import type { Prompt } from '../lib/ssh/identities.ts';
import { shown } from './terminal.ts';

/** Exit code 3 when something could not be told: then this is not all that is to be expected. */
export async function printPlan(
  { cluster, service }: Pick<SceneReader, 'cluster' | 'service'>,
  scenarios: readonly ScenarioName[],
  { json, prompt }: { readonly json: boolean; readonly prompt: Prompt | undefined },
): Promise<void> {
  const { signal } = new AbortController();
  const fleet = connectFleet(cluster, { signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    const outlook = await outlookOf({ cluster, service, fleet, signal }, scenarios);
    process.stdout.write(
      json
        ? `${jsonText({ format: 'ipvet-failover-plan/1', service: service.name, ...outlook }, 2)}\n`
        : shown(planText(service.name, outlook)),
    );
    if (outlook.problems.length > 0) process.exitCode = exitCodes.inconclusive;
  } finally {
    await fleet.close();
  }
}

export function planText(service: string, { owner, drills, problems }: Outlook): string {
  const lines = [
    `${owner} has the VIP of ${service}. Nothing was done.`,
    ...problems.map((problem) => `Could not be told: ${problem}`),
    ...drills.flatMap(drillLines),
  ];
  return `${lines.join('\n')}\n`;
}

function drillLines(drill: ExpectedDrill): readonly string[] {
  if ('notDone' in drill) return ['', drill.scenario, `  cannot be done: ${drill.notDone}`];
  const { scenario, steps, predicted, predictedBack } = drill;
  return [
    '',
    scenario,
    ...steps.flatMap(({ host, command, undo }) => [`  ${host}: ${command}`, `    taken back by: ${undo}`]),
    `  outage: ${outage(predicted)}`,
    ...(predicted?.because ?? []).map((clause) => `    ${clause}`),
    `  way back: ${outage(predictedBack)}`,
    ...(predictedBack?.because ?? []).map((clause) => `    ${clause}`),
  ];
}

function outage(prediction: Prediction | undefined): string {
  if (prediction === undefined) return 'not known, since keepalived.conf does not tell';
  const { minMs, maxMs } = prediction.outage;
  return maxMs === 0 ? 'none' : `${duration(minMs)} to ${duration(maxMs)}`;
}
