/** The catalogue as text: `ipvet checks explain` prints it, docs/checks/ keeps it. */
import type { Check, Scope, Severity, Stage } from '../lib/model/check.ts';

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

/** One check in Markdown, as prettier would leave it. */
export function documentOf(check: Check): string {
  const others = check.requiresOfAll ?? [];
  const facts = [
    ...(check.requires.length === 0 ? [] : [check.requires.join(', ')]),
    ...(others.length === 0 ? [] : [`${others.join(', ')} of all hosts`]),
  ];
  return `# ${check.id}

${check.title}. When it does not hold: ${check.failureTitle}.

- Judged: ${stages[check.stage]}, for ${scopes[check.scope]}
- Severity: ${check.severity} (${severities[check.severity]})
- Reads: ${facts.join('; ')}

## Why

${check.doc.why}

## By hand

\`\`\`sh
${check.doc.byHand.join('\n')}
\`\`\`

## References

${check.doc.references.map((reference) => `- ${reference}`).join('\n')}
`;
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
  return `# Checks\n\nMade from the checks by \`npm run generate\`.\n\n${sections.join('\n')}`;
}

function folderOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
