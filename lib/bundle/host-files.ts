/** hosts/NAME/FACT.txt: what each command printed, for whoever reads without tools. */
import type { Asked } from '../facts/for-maintainers.ts';
import type { RunEvent } from '../run/events.ts';
import type { RawLine } from '../run/raw-lines.ts';

/** Of events and raw lines that are disguised already. */
export function hostFiles(events: readonly RunEvent[], raw: readonly RawLine[]): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  const add = (host: string, name: string, text: string) => {
    if (text.trim() !== '') files.set(`hosts/${plain(host)}/${plain(name)}`, Buffer.from(text));
  };
  for (const event of events) {
    if (event.type !== 'facts-collected') continue;
    for (const { fact, command, stdout, stderr, exitCode } of event.raw) {
      const ended = exitCode === null || exitCode === 0 ? '' : `\n(exit code ${exitCode})\n`;
      if (stdout.trim() === '' && stderr.trim() === '') continue;
      add(
        event.host,
        `${fact}${event.stage === 'pre' ? '' : `.${event.stage}`}.txt`,
        `$ ${command}\n${stdout}${apart(stdout)}${stderr}${ended}`,
      );
    }
  }
  for (const { answers } of of(raw, 'answers')) {
    for (const { trip } of answers.rounds) {
      const own = trip.files.filter(([path]) => path.startsWith('/etc/keepalived/'));
      for (const [path, text] of own) add(answers.host, path.slice(1).replaceAll('/', '_'), text);
      for (const { name, text } of trip.sections) {
        if (name === 'savedRules' && text.includes('@text /etc/keepalived/'))
          add(answers.host, 'keepalived-as-root.txt', text);
      }
    }
  }
  for (const { service, observed } of of(raw, 'observed')) {
    const { sampling, load } = observed.facts;
    for (const [name, fact] of Object.entries({ sampling, load })) {
      if (fact.known) add('traffic', `${service}-${name}.txt`, `$ ${fact.evidence.command}\n${fact.evidence.output}\n`);
    }
    const entries = observed.entriesEvidence;
    if (entries !== undefined) add('traffic', `${service}-entries.txt`, `$ ${entries.command}\n${entries.output}\n`);
  }
  return files;
}

/** `ask-NAME.txt`, so that none takes the place of a fact. */
export function askedFiles(asked: readonly Asked[]): ReadonlyMap<string, Buffer> {
  return new Map(
    asked.map(({ host, name, command, text }) => [
      `hosts/${plain(host)}/${plain(`ask-${name}`)}.txt`,
      Buffer.from(`$ ${command}\n${text}${apart(text)}`),
    ]),
  );
}

function of<T extends RawLine['type']>(lines: readonly RawLine[], type: T): readonly Extract<RawLine, { type: T }>[] {
  return lines.filter((line): line is Extract<RawLine, { type: T }> => line.type === type);
}

function apart(text: string): string {
  return text === '' || text.endsWith('\n') ? '' : '\n';
}

/** As a name of a bundle's file must be. */
function plain(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, 60);
}
