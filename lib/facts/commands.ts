/** What collecting the facts of a host starts there, known before it is asked. */
import { agentArgv } from '../netlink/local-network.ts';
import type { ClusterHost } from '../model/cluster.ts';
import type { HostFactName } from '../model/facts.ts';
import { type RootCommand, rootCommandsOf } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import type { Collector } from './collector.ts';
import { collectors } from './index.ts';
import { localFactNames } from './local-facts.ts';
import type { FactQuestions } from './questions.ts';
import { factsArgv } from './script.ts';

export interface FactsCommand {
  readonly argv: readonly string[];
  /** Facts it is for. */
  readonly facts: readonly string[];
  /** What it runs as root by itself, where it finds the program and, for a packet filter, something to list. */
  readonly root: readonly RootCommand[];
  /** Where it is not always run. */
  readonly condition?: string;
}

/** The facts of this machine's own network, and the pages of a host behind ssh, are had without the script, where it can be. */
export function whoAnswers(
  declaration: ClusterHost,
  questions: FactQuestions,
): { readonly nearer: readonly HostFactName[]; readonly asked: readonly Collector[] } {
  const nearer = localFactNames({ declaration }, questions);
  const asked = collectors.filter(({ fact }) => questions.facts.includes(fact) && !nearer.includes(fact));
  return { nearer, asked };
}

/** As long as nothing on the host hangs: what hangs is asked again without it. */
export function factsCommands(declaration: ClusterHost, questions: FactQuestions): readonly FactsCommand[] {
  const { nearer, asked } = whoAnswers(declaration, questions);
  const argv = factsArgv(asked, questions);
  const inNamespace = nearer.length > 0 && declaration.netns !== undefined;
  const pages = collectors.filter(({ fact }) => fact === 'httpProbes' && nearer.includes(fact));
  return [
    ...(inNamespace ? [{ argv: agentArgv(), facts: nearer, root: [] }] : []),
    {
      argv,
      facts: asked.map(({ fact }) => fact),
      root: rootProgramsIn(argv.join('\n'), rootCommandsOf(questions.root)),
    },
    ...pages.map((collector) => ({
      argv: factsArgv([collector], questions),
      facts: [collector.fact],
      root: [],
      condition: 'where its sshd forwards no connection: else the pages are fetched through that',
    })),
  ];
}

/** Those that the text runs, in the order of their first mention. */
function rootProgramsIn(text: string, commands: readonly RootCommand[]): readonly RootCommand[] {
  const at = (command: RootCommand) => text.indexOf(asRoot(command));
  return commands.filter((command) => at(command) >= 0).toSorted((a, b) => at(a) - at(b));
}
