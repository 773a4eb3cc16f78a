/** The script on the host and the parser here read the same listing: what one tries, the other must call allowed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { becomingRoot } from '../../../lib/facts/becoming-root.ts';
import { maySudo, parseSudoListing } from '../../../lib/parse/sudo-listing.ts';
import { someQuestions } from './a-section.ts';

const commands = [
  ['ipvsadm', '-Sn'],
  ['nft', '-j', 'list', 'ruleset'],
  ['iptables-save', '-c'],
  ['ndisc6', '-s', 'fd00::11', '--of=a,b', 'fd00::100'],
];
const fields = [
  [],
  ['RunAsUsers: root', 'Options: !authenticate'],
  ['RunAsUsers: ALL', 'RunAsGroups: ALL'],
  ['RunAsUsers: www-data', 'Options: !authenticate'],
  ['RunAsUsers: bin, root', 'Options: setenv, !authenticate'],
  ['RunAsUsers: root', 'Options: authenticate'],
];
const rules = [
  'ALL',
  '!/usr/sbin/nft',
  '/usr/sbin/ipvsadm',
  '/sbin/ipvsadm -Sn',
  '/usr/sbin/nft -j list ruleset',
  '/usr/sbin/nft -j',
  '/usr/sbin/iptables-save *',
  '!/usr/sbin/iptables-save -c',
  '/usr/bin/',
  String.raw`/usr/bin/ndisc6 -s fd00\:\:11 --of\=a\,b fd00\:\:100`,
  String.raw`!/usr/bin/ndisc6 -s fd00\:\:11 --of\=a\,b fd00\:\:100`,
  String.raw`/usr/bin/ndisc6 -s fd00\:\:12 --of\=a\,b fd00\:\:100`,
  'iptables-save -c',
];

const entry = fc
  .tuple(
    fc.constantFrom('Sudoers entry:', 'Sudoers entry: /etc/sudoers.d/ops', 'LDAP Role: ops'),
    fc.constantFrom(...fields),
    fc.subarray(rules, { minLength: 1 }),
  )
  .map(([title, options, lines]) =>
    [
      `\n${title}`,
      ...options.map((field) => `    ${field}`),
      '    Commands:',
      ...lines.map((line) => `\t${line}`),
    ].join('\n'),
  );
const listings = fc
  .tuple(
    fc.constantFrom('    env_reset, use_pty', '    !authenticate, env_reset'),
    fc.array(entry, { minLength: 1, maxLength: 3 }),
  )
  .map(([defaults, entries]) =>
    [
      `Matching Defaults entries for ops on rs1:\n${defaults}\n\nUser ops may run the following commands on rs1:`,
      ...entries,
      '',
    ].join('\n'),
  );

describe('what the script takes sudo to allow', function () {
  this.timeout(30_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipvet-sudo-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is what the parser takes it to allow', () => {
    const script = `m() { :; }; has() { :; }
sudo() { cat ${join(folder, 'listing')}; }
${becomingRoot(someQuestions())}
${commands.map((argv) => `if may ${argv.join(' ')}; then echo yes; else echo no; fi`).join('\n')}`.replace(
      /^U= /m,
      'U=1000 ',
    );
    fc.assert(
      fc.property(listings, (text) => {
        writeFileSync(join(folder, 'listing'), text);
        const parsed = parseSudoListing(text);
        if (parsed === undefined) throw new Error('not read as a listing');
        const tried = execFileSync('sh', ['-c', script.replaceAll('</proc/self/status', '</dev/null')], {
          encoding: 'utf8',
        });
        // A pattern is for sudo to judge, so it is tried.
        const allowed = commands.map((argv) => (maySudo(parsed, argv) === false ? 'no' : 'yes'));
        expect(tried.trim().split('\n').slice(-commands.length), text).to.deep.equal(allowed);
      }),
      { numRuns: 80 },
    );
  });
});
