/** What reads the answers of a plan. */
import type { Answer } from './answer.ts';
import { BareAnswer } from './bare-answer.ts';
import type { LoadPlan } from './engine.ts';
import { HttpAnswer } from './http-answer.ts';
import type { PlacePlan } from './place.ts';

export function answerReader({ plan, places }: { readonly plan: LoadPlan; readonly places: PlacePlan }): Answer {
  const { expectStatus, expectBody, identifyBy, send } = plan;
  if (plan.url.startsWith('http')) return new HttpAnswer(expectStatus, identifyBy, expectBody);
  const echo = places.transport === 'udp' && send === undefined && expectBody === undefined;
  return new BareAnswer({
    ...(expectBody === undefined ? {} : { expect: expectBody }),
    ...(echo ? { echo: places.request ?? '' } : {}),
    ...(identifyBy.kind === 'body' ? { identify: identifyBy.pattern } : {}),
    wanted: places.request !== undefined || expectBody !== undefined || identifyBy.kind === 'body',
  });
}
