/**
 * `ipvet/check`: what a file of checks of your own imports. docs/custom-checks.md has an example. Public: names are added,
 * never changed.
 */
export { cannotTell, defineCheck, excerpt, fail, notApplicable, pass, warn } from './model/check.ts';
export { quotedWord, shellWord } from './model/shell-word.ts';
export type {
  AllFacts,
  Check,
  CheckContext,
  FactName,
  Finding,
  Judgement,
  Scope,
  Severity,
  Stage,
  Subject,
  Subjects,
} from './model/check.ts';
export type { Client, Cluster, Destination, Director, RealServer, VirtualService } from './model/cluster.ts';
export type { CommandAnswer, HostCommand } from './model/custom-check.ts';
export type { Evidence, Remedy } from './model/evidence.ts';
export type { Fact, HostFacts } from './model/facts.ts';
