import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { parsePersistence, savedRules, withAutoStart } from '../../../lib/ipvs/persistence.ts';
import { parseIpvsRules, withThresholds } from '../../../lib/parse/ipvs-rules.ts';

/** Debian 12, where systemd made no unit of the init script (a container, the lab). */
const debian = `file /etc/init.d/ipvsadm
file /etc/default/ipvsadm
file /etc/ipvsadm.rules
reads /etc/ipvsadm.rules
enabled disabled
`;
const generated = `${debian.replace('disabled', 'generated')}unit SourcePath=/etc/init.d/ipvsadm
unit ExecStart=/etc/init.d/ipvsadm start
unit ExecStop=/etc/init.d/ipvsadm stop
`;
const rocky = `file /etc/sysconfig/ipvsadm
unit ExecStart=/bin/bash -c "exec /sbin/ipvsadm-restore < /etc/sysconfig/ipvsadm"
unit ExecStop=/bin/bash -c "exec /sbin/ipvsadm-save -n > /etc/sysconfig/ipvsadm"
unit ExecStop=/sbin/ipvsadm -C
enabled disabled
`;
const path = '/etc/ipvsadm.rules';
const web = new Set(['tcp 192.168.122.100:80']);

describe('how a director keeps its rules', () => {
  it('is found by what is there', () => {
    expect(parsePersistence(debian)).to.deep.include({ kind: 'debian', enabled: 'no' });
    expect(parsePersistence(debian)?.defaults?.path).to.equal('/etc/default/ipvsadm');
    expect(parsePersistence(generated)).to.deep.include({ kind: 'debian', enabled: 'yes' });
    expect(parsePersistence(rocky)).to.deep.include({ kind: 'sysconfig', enabled: 'no' });
    expect(parsePersistence(rocky)?.rules.path).to.equal('/etc/sysconfig/ipvsadm');
    expect(parsePersistence('file /etc/rc.d/init.d/ipvsadm\nreads /etc/sysconfig/ipvsadm\n')).to.deep.include({
      kind: 'sysconfig',
      enabled: 'unknown',
    });
  });

  it('is not guessed', () => {
    expect(parsePersistence('enabled \n')).to.equal(undefined);
    expect(parsePersistence('unit ExecStart=/usr/local/bin/our-rules\nenabled enabled\n')).to.equal(undefined);
  });
});

describe('kept rules', () => {
  const kernel = withThresholds(
    parseIpvsRules(`-A -t 192.168.122.100:80 -s wrr -p 300
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3
-A -f 7 -s rr
-a -f 7 -r 10.10.10.20:0 -g -w 1
`),
    'TCP  192.168.122.100:80 wrr persistent 300\n  -> 10.10.10.10:80   100  80  0  0\n',
  );

  it('are the declared services as the kernel has them, with thresholds', () => {
    expect(savedRules({ path, text: '# empty rules file for ipvsadm\n' }, kernel, web)).to.equal(
      `# empty rules file for ipvsadm
-A -t 192.168.122.100:80 -s wrr -p 300
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3 -x 100 -y 80
`,
    );
  });

  it('keep what the file says of other services, and lose the old ones of the declared', () => {
    const text = `-A -t 192.168.122.100:80 -s rr
-a -t 192.168.122.100:80 -r 10.10.10.99:80 -m -w 1
-A -u 192.168.122.100:53 -s rr
-a -u 192.168.122.100:53 -r 10.10.10.10:53 -m -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [fd00::1]:0 -g -w 1
`;
    const saved = savedRules({ path, text }, kernel, new Set([...web, 'fwmark 7']));
    expect(saved).to.equal(`-A -u 192.168.122.100:53 -s rr
-a -u 192.168.122.100:53 -r 10.10.10.10:53 -m -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [fd00::1]:0 -g -w 1
-A -t 192.168.122.100:80 -s wrr -p 300
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 3 -x 100 -y 80
-A -f 7 -s rr
-a -f 7 -r 10.10.10.20:0 -g -w 1
`);
    expect(savedRules({ path, text: saved }, kernel, new Set([...web, 'fwmark 7']))).to.equal(saved);
  });

  it('are not mixed with rules that cannot be read', () => {
    expect(() => savedRules({ path, text: '-A -t lb.example.com:http -s rr\n' }, kernel, web))
      .to.throw(IpvetError, 'lb.example.com')
      .with.property('code', 'REFUSED');
  });

  it('are loaded at boot on Debian', () => {
    const text =
      '# ipvsadm\n\n# if you want to start ipvsadm on boot set this to true\nAUTO="false"\n\nDAEMON="none"\n';
    expect(withAutoStart(text)).to.equal(text.replace('AUTO="false"', 'AUTO="true"'));
    for (const same of ['AUTO="true"\n', 'AUTO=true # yes\n', "AUTO='true'\n"])
      expect(withAutoStart(same)).to.equal(same);
    expect(withAutoStart('DAEMON="none"')).to.equal('DAEMON="none"\nAUTO="true"\n');
  });
});
