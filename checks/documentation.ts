/** The catalogue as text: `ipvet checks explain` prints it, docs/checks/ keeps it. */
import type { Check, FactName, Scope, Severity, Stage } from '../lib/model/check.ts';
import type { HostFactName } from '../lib/model/facts.ts';
import { type FaultId, faultSections } from '../lib/model/fault-id.ts';
import type { FaultSight } from './fault-coverage.ts';
import { modesOf } from './fault-modes.ts';
import { tagsOf } from './tags.ts';

const scopes: Readonly<Record<Scope, string>> = {
  host: 'every host',
  director: 'every director',
  'director-service': 'every director and virtual service',
  'real-server': 'every real server',
  'real-server-service': 'every real server of a virtual service',
  client: 'every client',
  'client-service': 'every client and virtual service',
  service: 'every virtual service under load',
};

const stages: Readonly<Record<Stage, string>> = {
  pre: 'before rules are installed',
  post: 'with the rules in place',
  traffic: 'under load',
};

const severities: Readonly<Record<Severity, string>> = {
  mandatory: 'a failure fails the run',
  recommended: 'a failure is a warning',
};

/** What an operator would type to read a fact of a host, from its collector. */
export type CommandOf = (fact: HostFactName, scope: Scope) => string;

/** One check in Markdown, as prettier would leave it. */
export function documentOf(check: Check, commandOf: CommandOf): string {
  const tags = tagsOf(check);
  return `# ${check.id}

${check.title}. When it does not hold: ${check.failureTitle}.

- Judged: ${stages[check.stage]}, for ${scopes[check.scope]}
- Severity: ${check.severity} (${severities[check.severity]})
- Tags: ${tags.length === 0 ? 'none' : tags.join(', ')}
- Sees: ${check.sees.length === 0 ? 'no fault of the catalogue by itself' : check.sees.map(faultLink).join(', ')}

## Why

${check.doc.why}

## How it is tested

${readings(check, commandOf).join('\n')}

## By hand

\`\`\`sh
${check.doc.byHand.join('\n')}
\`\`\`

## What to do

${remedyWords[check.severity]} The finding names the host, what was found and what was expected; where the check knows how to
mend it, the commands for now, those that make it survive a reboot, and those that take it back.

\`\`\`sh
ipvet check ${check.stage === 'traffic' ? 'post' : check.id} # once it is mended
ipvet accept --skip ${check.id} # leave it out of one run; the report says so
\`\`\`

To accept it as it is, say why, and until when, in the cluster file:

\`\`\`yaml
waivers: [{ check: ${check.id}, hosts: [HOST], why: REASON, by: NAME, expires: YYYY-MM-DD }]
\`\`\`

## References

${check.doc.references.map((reference) => `- ${reference}`).join('\n')}
`;
}

const remedyWords: Readonly<Record<Severity, string>> = {
  mandatory: 'A failure ends the run with exit code 1.',
  recommended: 'A failure is a warning; with `--fail-on warn` the run ends with exit code 4.',
};

function readings({ scope, requires, requiresOfAll = [] }: Check, commandOf: CommandOf): string[] {
  const line = (fact: FactName, of: string) => {
    const observed = observations[fact];
    return observed === undefined
      ? `- \`${fact}\`${of}: \`${commandOf(fact as HostFactName, scope)}\``
      : `- \`${fact}\`: ${observed}`;
  };
  return [...requires.map((fact) => line(fact, '')), ...requiresOfAll.map((fact) => line(fact, ' of every host'))];
}

/** What comes from load, and not from asking a host. */
const observations: Readonly<Partial<Record<FactName, string>>> = {
  load: 'what the client saw of the requests sent through the VIP',
  sampling: 'the connection table, sampled while the load goes on, and the counters before and after',
  distribution: 'the shares of the real servers, held against those the scheduler promises',
};

function faultLink(fault: FaultId): string {
  return `[${fault}](../../faults.md#${fault})`;
}

/** Each fault of the catalogue and what sees it, with links to the pages of checks and diagnoses. */
export function faultsDocument(sights: readonly FaultSight[]): string {
  const byId = new Map(sights.map((sight) => [sight.fault, sight]));
  const unseen = sights.filter(({ unseenBecause }) => unseenBecause !== undefined).length;
  const diagnosed = sights.filter((sight) => sight.diagnosed !== undefined).length;
  const parts = faultSections.map(({ title, faults }) => {
    const lines = faults.map((fault) => {
      const modes = modesOf[fault] ?? [];
      return `- <a id="${fault}"></a>**${fault}**${modes.length === 0 ? '' : ` (${modes.join(', ')})`}: ${sightOf(byId.get(fault))}`;
    });
    return `## ${title}\n\n${lines.join('\n')}\n`;
  });
  return `# Faults, and what sees them

Made from the checks and the rules of diagnosis by \`npm run generate\`. ${sights.length} faults: ${sights.length - unseen} are seen by a
check or a diagnosis, ${unseen} are not yet, each with the reason. Of ${diagnosed} \`ipvet diagnose\` says that they
make traffic fail ([diagnosis.md](diagnosis.md)). Without a mode behind its name a fault comes up in every mode.

${parts.join('\n')}`;
}

function sightOf(sight: FaultSight | undefined): string {
  const by = [
    ...(sight?.checks ?? []).map((id) => `[${id}](checks/${id}.md)`),
    ...(sight?.diagnosed === 'page' ? [`[diagnosis](diagnoses/${sight.fault}.md)`] : []),
    ...(sight?.diagnosed === 'named' ? ['[diagnosis](diagnosis.md)'] : []),
  ];
  return by.length > 0 ? by.join(', ') : `not yet: ${sight?.unseenBecause ?? 'nothing sees it'}`;
}

/** The list of all checks, with links to their own pages beside it. */
export function catalogueOf(checks: readonly Check[]): string {
  const folders = [...new Set(checks.map(({ id }) => folderOf(id)))];
  const sections = folders.map((folder) => {
    const lines = checks
      .filter(({ id }) => folderOf(id) === folder)
      .map(
        ({ id, title, severity }) =>
          `- [${id}](${id}.md): ${title}${severity === 'recommended' ? ' (recommended)' : ''}`,
      );
    return `## ${folder}\n\n${lines.join('\n')}\n`;
  });
  return `# Checks\n\nMade from the checks by \`npm run generate\`. Checks of your own: [custom-checks.md](../custom-checks.md). What sees which\nfault: [faults.md](../faults.md).\n\n${sections.join('\n')}`;
}

function folderOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
