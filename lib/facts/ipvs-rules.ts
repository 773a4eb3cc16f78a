import { parseIpvsRules, withThresholds } from '../parse/ipvs-rules.ts';
import { ipvsadmSave, ipvsadmThresholds } from '../privileges/index.ts';
import { asRoot } from './becoming-root.ts';
import { type Collector, requireSuccess } from './collector.ts';

/** Between the two listings. */
const mark = '@thresholds';
const command = `${ipvsadmSave.argv.join(' ')}; ${ipvsadmThresholds.argv.join(' ')}`;

/**
 * Running ipvsadm loads ip_vs; a kernel that has not loaded it has no rules, and is left as it is. Connection thresholds
 * are in a listing of their own.
 */
export const ipvsRules: Collector<'ipvsRules'> = {
  fact: 'ipvsRules',
  needsRoot: true,
  tool: { name: 'ipvsadm', packages: 'ipvsadm' },
  command: () => command,
  script: () =>
    `if [ -e /proc/net/ip_vs ]; then ${asRoot(ipvsadmSave)} && echo ${mark} && ${asRoot(ipvsadmThresholds)}; fi`,
  parse: (section) => {
    requireSuccess(section, command);
    const [rules = '', thresholds = ''] = section.stdout.split(`${mark}\n`);
    return withThresholds(parseIpvsRules(rules), thresholds);
  },
  show: ({ stdout, stderr }) => `${stdout.replace(`${mark}\n`, '')}${stderr}`.trim(),
};
