import { parseIpvsRules } from '../parse/ipvs-rules.ts';
import { ipvsadmSave } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, requireSuccess } from './collector.ts';

/** Running ipvsadm loads ip_vs; a kernel that has not loaded it has no rules, and is left as it is. */
export const ipvsRules: Collector<'ipvsRules'> = {
  fact: 'ipvsRules',
  needsRoot: true,
  tool: { name: 'ipvsadm', packages: 'ipvsadm' },
  command: () => 'ipvsadm -Sn',
  script: () => `if [ -e /proc/net/ip_vs ]; then ${asRoot(ipvsadmSave)}; fi`,
  parse: (section) => {
    requireSuccess(section, 'ipvsadm -Sn');
    return parseIpvsRules(section.stdout);
  },
};
