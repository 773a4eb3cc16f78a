/** The lab's cluster file, in the words of any other cluster's: what the product is given of a lab, with a key. */
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { PowerSection } from '../lib/model/cluster-file.ts';

import { namespaceOf } from './state.ts';
import type { Topology } from './topologies/topology.ts';

export function clusterFileText(lab: string, topology: Topology): string {
  const cluster = topology.cluster({
    name: `lab-${lab}`,
    clientNetns: namespaceOf(lab, topology.client),
    sshConfig: './ssh_config',
  });
  const flags = lab === 'default' ? '' : ` --name ${lab}`;
  const directors = cluster.directors.map((director) => ({ ...director, power: powerOf(lab, director.name) }));
  return `# Lab "${lab}", topology ${topology.name}. \`ipvet lab status${flags}\` shows it, \`ipvet lab down${flags}\` ends it.\n${stringify({ ...cluster, ...(directors.length > 1 ? { directors } : {}) })}`;
}

/** The program that makes the lab, whatever the folder it is called from then. */
function powerOf(lab: string, host: string): PowerSection {
  const power = (way: string) => [
    process.execPath,
    resolve(process.argv[1] ?? ''),
    'lab',
    'power',
    way,
    host,
    '--name',
    lab,
  ];
  return { off: power('off'), on: power('on') };
}
