import { expect } from 'chai';
import { maySudo, parseSudoListing, type SudoListing } from '../../../lib/parse/sudo-listing.ts';
import { transcript } from './transcript.ts';

function listing(...entries: readonly (readonly [fields: readonly string[], ...commands: string[]])[]): SudoListing {
  const text = entries.map(([fields, ...commands]) => {
    const lines = [...fields.map((field) => `    ${field}`), '    Commands:', ...commands.map((each) => `\t${each}`)];
    return `\nSudoers entry:\n${lines.join('\n')}\n`;
  });
  const parsed = parseSudoListing(`User ops may run the following commands on rs1:\n${text.join('')}`);
  if (parsed === undefined) throw new Error('not read as a listing');
  return parsed;
}

const free = 'Options: !authenticate';
const nft = ['nft', '-j', 'list', 'ruleset'];

describe('what sudo lists', () => {
  it('is read as a real host prints it', () => {
    const parsed = parseSudoListing(transcript('sudo-listing.txt', 'debian12-6.1.176'));
    if (parsed === undefined) throw new Error('not read as a listing');
    expect(parsed.entries.map(({ asRoot, free: noPassword }) => [asRoot, noPassword])).to.deep.equal([
      [true, false],
      [true, true],
      [true, true],
      [false, true],
    ]);
    const may = (...argv: string[]) => maySudo(parsed, argv);
    expect(may('ipvsadm', '-Sn')).to.equal(true);
    expect(may('ipvsadm', '-R')).to.equal(false);
    expect(may('keepalived', '--config-test', '--use-file=/var/tmp/ipvet/keepalived.conf')).to.equal(true);
    expect(may('tee', '/tmp/a:b,c\\d')).to.equal(true);
    expect(may('id', '-u')).to.equal(true);
    expect(may('who')).to.equal(true);
    expect(may('who', '-a')).to.equal(false);
    expect(may('uptime')).to.equal(false);
  });

  it('is nothing where sudo says something else', () => {
    for (const text of ['', 'Sorry, user ops may not run sudo on rs1.\n', 'sudo: a password is required\n'])
      expect(parseSudoListing(text)).to.equal(undefined);
  });

  it('allows nothing as another user, nor with a password', () => {
    expect(maySudo(listing([['RunAsUsers: www-data', free], 'ALL']), nft)).to.equal(false);
    expect(maySudo(listing([['RunAsUsers: ALL', 'RunAsGroups: ALL'], 'ALL']), nft)).to.equal(false);
    expect(maySudo(listing([['RunAsUsers: ALL', free], 'ALL']), nft)).to.equal(true);
    expect(maySudo(listing([[free], '/sbin/nft']), nft)).to.equal(true);
  });

  it('is overruled by what comes later', () => {
    const some = [['RunAsUsers: root', free], '/usr/sbin/nft -j list ruleset'] as const;
    const all = [['RunAsUsers: ALL'], 'ALL'] as const;
    expect(maySudo(listing(all, some), nft)).to.equal(true);
    expect(maySudo(listing(some, all), nft)).to.equal(false);
    expect(maySudo(listing([[free], 'ALL', '!/usr/sbin/nft']), nft)).to.equal(false);
    expect(maySudo(listing([[free], 'ALL', '!/usr/sbin/nft']), ['ipvsadm', '-Sn'])).to.equal(true);
  });

  it('takes the words for what they are', () => {
    const one = listing([
      [free],
      '/usr/sbin/nft -j list ruleset',
      'sha224:0GomF8mNN3wlDt1HD9XldjJ3SNgpFdbjO1+NsQ== /bin/ls',
    ]);
    expect(maySudo(one, nft)).to.equal(true);
    expect(maySudo(one, ['ls'])).to.equal(true);
    expect(maySudo(one, [...nft, 'ip'])).to.equal(false);
    expect(maySudo(one, ['nft'])).to.equal(false);
    expect(maySudo(one, ['xnft', '-j', 'list', 'ruleset'])).to.equal(false);
  });

  it('leaves patterns to sudo', () => {
    for (const pattern of ['/usr/sbin/nft *', '/usr/sbin/', '/usr/sbin/nft ^-j list .*$', '/usr/sbin/n[f]t'])
      expect(maySudo(listing([[free], pattern]), nft), pattern).to.equal(undefined);
    expect(maySudo(listing([['RunAsUsers: root'], '/usr/sbin/nft *']), nft)).to.equal(false);
  });

  it('needs no password where sudoers asks nobody for one', () => {
    const text =
      'Matching Defaults entries for ops on rs1:\n    !authenticate\n\nSudoers entry:\n    Commands:\n\tALL\n';
    const parsed = parseSudoListing(text);
    expect(parsed === undefined ? undefined : maySudo(parsed, nft)).to.equal(true);
  });
});
