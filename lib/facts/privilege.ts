import type { MissingRule } from '../model/facts.ts';
import { maySudo, parseSudoListing } from '../parse/sudo-listing.ts';
import { rootCommandsOf, sudoersCommands, sudoersRule } from '../privileges/index.ts';
import type { Collector, Section } from './collector.ts';
import type { FactQuestions } from './questions.ts';

/** Read off how the script itself got on, and off what sudo says that it allows. */
export const privilege: Collector<'privilege'> = {
  fact: 'privilege',
  needsRoot: false,
  command: () => 'id -u; sudo -n -l -l',
  script: () => '',
  parse: (section, questions) => {
    const { user, level, sudoMessage } = section;
    if (level === 'root') return { user, level };
    const said = sudoMessage === undefined ? {} : { sudoMessage };
    if (questions.become === 'none') return { user, level: 'unprivileged', ...said };
    const missing = missingRules(section, questions);
    const reads = !missing.some(({ tier, needed }) => needed && tier === 'read');
    return { user, level: reads ? 'root' : 'unprivileged', ...said, missing };
  },
  show: ({ level, sudoMessage, sudoListing }) =>
    level === 'root' ? 'root' : (sudoMessage ?? (sudoListing.trim() || 'not root, and sudo was not tried')),
};

/** A program the host does not have needs no rule; one that only patterns speak of is for sudo to judge. */
function missingRules(
  { user, sudoListing, sudoMessage, rootPrograms }: Section,
  { root }: FactQuestions,
): readonly MissingRule[] {
  const listing = parseSudoListing(sudoListing);
  // sudo allows something, in words that are not understood: what it refuses is then seen where it is tried.
  if (listing === undefined && sudoMessage === undefined) return [];
  return rootCommandsOf(root, user)
    .filter(({ argv: [program = ''] }) => rootPrograms.includes(program))
    .filter(({ argv }) => listing === undefined || maySudo(listing, argv) === false)
    .map((command) => ({
      tier: command.tier,
      command: command.argv.join(' '),
      rule: sudoersRule(user, sudoersCommands(command)),
      needed:
        command.optional === undefined &&
        command.optionalOn?.includes(root.role) !== true &&
        root.tiers.includes(command.tier),
    }));
}
