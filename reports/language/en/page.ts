/** Top of the page, findings, and what hosts printed. */
import { count, plural } from '../../numbers.ts';

export const page = {
  /** As in `<html lang>`. */
  code: 'en',
  skip: 'Skip to the findings',
  parts: 'Parts of the report',
  nav: {
    findings: 'Findings',
    topology: 'Topology',
    'not-evaluated': 'Not evaluated',
    gates: 'Gates',
    failover: 'Failover',
    checks: 'Hosts and checks',
    load: 'Load',
    distribution: 'Distribution',
    connections: 'Connections',
    trend: 'Trend',
    trace: 'Diagnosis',
    changes: 'Changes',
    details: 'Every check',
    inventory: 'Inventory',
    method: 'Method',
    glossary: 'Glossary',
    'sign-off': 'Sign-off',
  },
  theme: { label: 'Theme', auto: 'as the system', light: 'light', dark: 'dark' },
  zoom: {
    out: 'Show all',
    keys: 'Drag across it to zoom in, double click to see all; arrow keys move the cursor, + and - zoom, Escape shows all.',
    short: 'Drag across a chart to zoom in, double click to see all of it.',
  },
  copy: { copy: 'Copy', copied: 'Copied', byHand: 'Press Ctrl-C' },
};

export const verdict = {
  outcomes: 'Checks by outcome',
  none: 'no check was planned',
  takeBack: { what: 'The cluster is not as it was found.', how: 'Take these back by hand:' },
  facts: { cluster: 'Cluster', started: 'Started', took: 'Took', run: 'Run', tool: 'Tool' },
  restored: 'Cluster restored',
  yes: 'yes',
  no: 'NO',
  notKnown: 'not known here',
  tool: (version: string, exitCode: number) => `ipvet ${version}, exit code ${exitCode}`,
};

export const findings = {
  title: 'Findings',
  none: 'Nothing was found to be wrong.',
  on: 'on',
  certainty: 'Certainty',
  impact: 'Impact',
  because: 'Because',
  evidence: 'Evidence',
  ruledOut: (n: number) => `Ruled out: ${count(n)}`,
  explains: (n: number) => `Explains ${plural(n, 'failed check')}`,
  moreImpact: (n: number) => `and ${plural(n, 'more failed check')}`,
  failed: 'Failed checks',
  failedUnexplained: 'Failed checks that no cause above explains',
  warnings: 'Warnings',
  waived: 'Failed, and waived by the cluster file',
  onHostAsRoot: (host: string) => `On ${host}, as root:`,
  more: (n: number) => `and ${count(n)} more, below under every check`,
  open: {
    title: (open: number, all: number) => `Not evaluated: ${count(open)} of ${plural(all, 'check')}`,
    why: 'Whether these are well is not known. They count neither as passed nor as failed.',
  },
};

export const quotes = {
  exitCode: (code: number) => `exit code ${code}`,
  noOutput: 'no output',
  remedy: 'Remedy',
  onAsRoot: (host: string) => `on ${host}, as root`,
  now: 'Commands that mend it now',
  persistent: 'To survive a reboot',
  persistentCommands: 'Commands that survive a reboot',
  undo: 'To take it back',
  undoCommands: 'Commands that take it back',
  both: 'Found and expected',
  found: 'Found',
  expected: 'Expected',
};
