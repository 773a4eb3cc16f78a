/** The lab's cluster file, in the words of any other cluster's: what the product is given of a lab, with a key. */
import { stringify } from 'yaml';

import { namespaceOf } from './state.ts';
import type { Topology } from './topologies/topology.ts';

export function clusterFileText(lab: string, topology: Topology): string {
  const cluster = topology.cluster({
    name: `lab-${lab}`,
    clientNetns: namespaceOf(lab, topology.client),
    sshConfig: './ssh_config',
  });
  const flags = lab === 'default' ? '' : ` --name ${lab}`;
  return `# Lab "${lab}", topology ${topology.name}. \`ipvet lab status${flags}\` shows it, \`ipvet lab down${flags}\` ends it.\n${stringify(cluster)}`;
}
