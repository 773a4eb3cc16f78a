/** Directors that stand in for each other are asked about keepalived; no other host is, whoever logs in there. */
import { keepalivedTest, rootCommandsOf } from '../privileges/index.ts';
import { type Section, Unanswered } from './collector.ts';
import type { FactQuestions } from './questions.ts';

export function standsBy({ root }: FactQuestions): boolean {
  return rootCommandsOf(root).includes(keepalivedTest);
}

/** Throws Unanswered for a host that was not asked. */
export function requireStandsBy({ host }: Section, questions: FactQuestions): void {
  if (standsBy(questions)) return;
  throw new Unanswered(
    'not-collected',
    `${host}: only directors that stand in for each other are asked about keepalived`,
  );
}
