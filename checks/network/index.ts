import { clockOffset } from './clock-offset.ts';
import { hostname } from './hostname.ts';
import { hostsFile } from './hosts-file.ts';
import { selinux } from './selinux.ts';
import { serviceName } from './service-name.ts';
import { sshTrust } from './ssh-trust.ts';
import { timeService } from './time-service.ts';
import type { Check } from '../../lib/model/check.ts';

export const networkChecks: readonly Check[] = [
  sshTrust,
  hostname,
  hostsFile,
  clockOffset,
  timeService,
  selinux,
  serviceName,
];
