import type { RouteDecision } from '../model/facts.ts';
import {
  parseRouteJson,
  parseRouteRefusal,
  parseRouteText,
  type RouteQuestion,
  routeGetArguments,
  withLocalSources,
} from '../parse/ip-route.ts';
import { ParseError } from '../parse/parse-error.ts';
import { answerTo, type Collector, firstLine, type Section, Unanswered } from './collector.ts';
import { iproute2 } from './ip-questions.ts';
import type { FactQuestions } from './questions.ts';

export const routes: Collector<'routes'> = {
  fact: 'routes',
  needsRoot: false,
  tool: iproute2,
  ip: ({ routesTo }) =>
    [...routesTo, ...sourcesOf(routesTo)].map((question) => ({ words: routeGetArguments(question) })),
  command: ({ routesTo }) => routesTo.map((question) => `ip -j ${routeGetArguments(question)}`).join('; '),
  script: () => '',
  parse: (section, { routesTo }) =>
    withLocalSources(
      routesTo.map((question) => decisionOf(section, question)),
      (source) => decisionOf(section, { destination: source }).outcome === 'local',
    ),
};

/** The kernel is asked for the way to each source too, which tells whether it is its own. */
function sourcesOf(routesTo: FactQuestions['routesTo']): readonly RouteQuestion[] {
  return routesTo.flatMap(({ from }) => (from === undefined ? [] : [{ destination: from }]));
}

function decisionOf(section: Section, question: RouteQuestion): RouteDecision {
  const { kind, output } = answerTo(section, routeGetArguments(question));
  if (kind === 'refused') return refusalOf(section.host, output, question);
  return kind === 'json' ? parseRouteJson(output, question) : parseRouteText(output, question);
}

/** What the kernel said against a question is an answer; what ip itself said is none. */
function refusalOf(host: string, output: string, question: RouteQuestion): RouteDecision {
  try {
    return parseRouteRefusal(output, question);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const said = firstLine(output) ?? 'it said nothing';
    throw new Unanswered('command-failed', `${host}: ip ${routeGetArguments(question)} failed: ${said}`);
  }
}
