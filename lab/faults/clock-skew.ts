import { labFaults, unnamed } from './fault.ts';
import { added } from './means.ts';

/** Transport does not look at clocks; logs, tickets and certificates do. */
export const faults = labFaults('clock-skew', {
  title: 'The clock of a real server is five minutes fast, and nothing keeps it',
  topologies: ['nat', 'dr'],
  targets: 'real-server',
  ...added(
    ['systemctl stop chrony', 'date -s "@$(($(date +%s) + 300))" > /dev/null'],
    ['date -s "@$(($(date +%s) - 300))" > /dev/null', 'systemctl start chrony'],
  ),
  expect: unnamed('network/clock-offset'),
});
