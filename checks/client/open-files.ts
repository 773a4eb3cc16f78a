import { quote } from '../quotation.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** Descriptors the generator needs beside its sockets: its own files, the SSH connections, the run folder. */
const marginFiles = 64;

export const openFiles = defineCheck({
  id: 'client/open-files',
  title: 'Client may open as many sockets as the load needs',
  failureTitle: "Client's open-file limit is below the load's concurrency",
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'client',
  requires: ['limits'],
  doc: {
    why:
      'Each connection in flight is an open file. Past the soft limit connect fails with EMFILE: requests fail that no ' +
      'packet was sent for, and the cluster is blamed for its client.',
    byHand: ['ulimit -Sn', 'ulimit -Hn'],
    references: ['getrlimit(2) RLIMIT_NOFILE', 'limits.conf(5)'],
  },
  evaluate({ limits }, { cluster, host }, { evidence }) {
    const [largest] = [...cluster.loadProfiles].sort((a, b) => b.concurrency - a.concurrency);
    if (largest === undefined) return notApplicable('The cluster file declares no load');
    const needed = largest.concurrency + marginFiles;
    const quoted = [quote(evidence('limits'), 'openFiles', String(limits.openFiles))];
    const found = { openFiles: limits.openFiles };
    if (limits.openFiles >= needed) return pass(found, quoted);
    return fail({
      reason:
        `${host.name} may open ${limits.openFiles} files; profile ${largest.name} needs ${needed} ` +
        `(${largest.concurrency} connections at once and ${marginFiles} to spare)`,
      found,
      expected: { openFiles: needed },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: `Raise the limit in the shell that starts ipvet, and for the next login`,
        commands: [`ulimit -n ${needed}`],
        persistent: [`echo '* - nofile ${needed}' > /etc/security/limits.d/ipvet.conf`],
        undo: ['rm -f /etc/security/limits.d/ipvet.conf'],
      },
    });
  },
});
