import { labFaults, named } from './fault.ts';
import { added } from './means.ts';

const unit = '/run/systemd/system/ldirectord.service';

/** Under the name of its unit something does what ldirectord would: it takes what it did not make for leftovers, again and again. */
export const faults = labFaults('two-managers-fighting', {
  title: 'A second program clears the rules of keepalived every other second',
  topologies: ['ha', 'ha-nat'],
  targets: 'director',
  defaultHost: 'director1',
  ...added(
    [
      `printf '%s\\n' '[Service]' 'ExecStart=/bin/sh -c "rules=$$(ipvsadm -Sn); while :; do ipvsadm -C; sleep 0.5; echo \\"$$rules\\" | ipvsadm -R; sleep 1; done"' 'ExecStopPost=/bin/systemctl restart --no-block keepalived' > ${unit}`,
      'systemctl daemon-reload',
      'systemctl start ldirectord',
    ],
    ['systemctl stop ldirectord', `rm ${unit}`, 'systemctl daemon-reload', 'sleep 8'],
  ),
  expect: named('two-managers-fighting', 'director/rules-keeper', { outcome: 'warn' }),
});
