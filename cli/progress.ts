/** What the operator sees on stderr while a run goes on. Lines only; one line is redrawn, and only on a terminal. */
import pc from 'picocolors';

import { visibleLine } from '../lib/model/visible-text.ts';
import type { RunEvent } from '../lib/run/events.ts';
import type { Listener } from '../lib/run/journal.ts';
import type { GlobalOptions } from './options.ts';
import { takesColor } from './terminal.ts';

const stageTitles: Readonly<Record<string, string>> = {
  facts: 'asking every host',
  rules: 'installing the rules',
  'facts post': 'reading the rules back',
  diagnosis: 'looking for causes',
  restore: 'putting everything back',
  stable: 'the cluster is looked at',
  lock: 'locking the hosts',
};

export function progressListener(options: GlobalOptions): Listener {
  if (options.quiet) return () => undefined;
  const colors = pc.createColors(options.color && takesColor(process.stderr));
  const live = process.stderr.isTTY && options.color;
  let redrawn = false;
  /** Reasons of what could not be told: those of a host that does not answer are all the same. */
  const told = new Set<string>();
  const say = (line: string) => {
    process.stderr.write(`${redrawn ? '\r\u001B[2K' : ''}${line}\n`);
    redrawn = false;
  };
  return (event) => {
    if (event.type === 'load-progress') {
      if (!live) return;
      process.stderr.write(`\r\u001B[2K  ${event.answered}/${event.requested} answered, ${event.failed} failed`);
      redrawn = true;
      return;
    }
    if (event.type === 'verdict' && event.verdict.outcome === 'error' && !options.verbose) {
      const { reason = '' } = event.verdict;
      if (told.has(reason)) return;
      told.add(reason);
    }
    const line = describe(event, colors, options.verbose);
    if (line !== undefined) say(line);
  };
}

function describe(event: RunEvent, colors: ReturnType<typeof pc.createColors>, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'stage-ended':
      return `${colors.bold(stageTitles[event.name] ?? visibleLine(event.name))}: ${(event.durationMs / 1000).toFixed(1)} s`;
    case 'host-contacted':
      return event.contact.error === undefined
        ? undefined
        : colors.red(`  ${visibleLine(event.contact.error.message)}`);
    case 'change-made':
      return verbose ? `  change ${event.change} made` : undefined;
    case 'change-registered':
      return `  ${visibleLine(event.host)}: ${visibleLine(event.command)}`;
    case 'undo-failed':
      return colors.red(`  could not be taken back: ${visibleLine(event.reason)}`);
    case 'problem':
      return colors.red(`  ${visibleLine(event.problem.message)}`);
    case 'verdict': {
      const { outcome, title, subject, reason } = event.verdict;
      const where = visibleLine([subject.host, subject.service].filter((part) => part !== undefined).join(', '));
      if (outcome === 'fail' || outcome === 'error')
        return colors.red(`  ${outcome}: ${visibleLine(reason ?? title)} [${where}]`);
      if (outcome === 'warn') return colors.yellow(`  warn: ${visibleLine(reason ?? title)} [${where}]`);
      return verbose ? `  ${outcome}: ${visibleLine(title)} [${where}]` : undefined;
    }
    default:
      return undefined;
  }
}
