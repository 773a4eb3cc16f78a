import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { Cluster, Director } from '../../../lib/model/cluster.ts';
import { IpvetError } from '../../../lib/errors.ts';
import {
  ipvsadmCounters,
  ipvsadmSave,
  nftListing,
  type RootCommand,
  rootCommandsOf,
  rootScope,
  sudoersCommands,
  sudoersFile,
  withinTier,
} from '../../../lib/privileges/index.ts';
import { aCluster, aDirector } from '../../builders.ts';

const fileFor = (
  user: string,
  tier: 'read' | 'traffic' | 'change' = 'change',
  managedBy: 'ipvsadm' | 'keepalived' = 'ipvsadm',
) =>
  sudoersFile({
    role: 'director',
    user,
    hosts: ['director1'],
    tier,
    commands: rootCommandsOf({ role: 'director', managedBy }, user).filter((command) => withinTier(command, tier)),
  });

/** Lines that sudo reads, continuations joined. */
const effective = (text: string): readonly string[] =>
  text
    .replaceAll(/ \\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

describe('sudo rules', () => {
  it('name each command word for word, in both folders, and nothing else', () => {
    const question = { role: 'director', user: 'ops', hosts: ['director1'], tier: 'traffic' } as const;
    const { text } = sudoersFile({ ...question, commands: [ipvsadmSave, nftListing, ipvsadmCounters] });
    expect(effective(text)).to.deep.equal([
      'Cmnd_Alias IPVET_OPS_DIRECTOR_READ = /usr/sbin/ipvsadm -Sn, /sbin/ipvsadm -Sn, ' +
        '/usr/sbin/nft -j list ruleset, /sbin/nft -j list ruleset',
      'ops ALL=(root) NOPASSWD: IPVET_OPS_DIRECTOR_READ',
      'Cmnd_Alias IPVET_OPS_DIRECTOR_TRAFFIC = /usr/sbin/ipvsadm -Ln --stats --exact, /sbin/ipvsadm -Ln --stats --exact',
      'ops ALL=(root) NOPASSWD: IPVET_OPS_DIRECTOR_TRAFFIC',
    ]);
    for (const command of rootCommandsOf({ role: 'director', managedBy: 'ipvsadm' }, 'ops'))
      expect(fileFor('ops').text, command.why).to.contain(sudoersCommands(command)[0]);
  });

  it('have no wildcard, and say of what is as much as root that it is', () => {
    for (const managedBy of ['ipvsadm', 'keepalived'] as const) {
      const { text } = fileFor('ops', 'change', managedBy);
      for (const line of effective(text)) expect(line).not.to.match(/[*?[\]^]|\/sh -c|NOPASSWD: ALL/);
      expect(text).to.match(/CAUTION: .*as much as root/);
    }
  });

  it('follow who looks after the rules', () => {
    const kept = fileFor('ops', 'change', 'keepalived').text;
    expect(kept).to.contain('/bin/cat /etc/keepalived/keepalived.conf');
    expect(kept).to.contain('keepalived --config-test --use-file\\=/var/tmp/ipvet/keepalived.conf');
    expect(effective(kept).join('\n')).not.to.contain('ipvsadm -R');
    expect(effective(fileFor('ops').text).join('\n'))
      .to.contain('/usr/sbin/ipvsadm -R')
      .and.not.contain('keepalived');
  });

  it('escape what sudoers would read otherwise', () => {
    const command = (word: string): RootCommand => ({ argv: ['tee', word], tier: 'read', roles: [], why: '' });
    const first = (word: string) => sudoersCommands(command(word))[0];
    expect(first('a:b,c=d')).to.equal('/usr/bin/tee a\\:b\\,c\\=d');
    expect(first('a*')).to.equal('/usr/bin/tee a\\*');
    // Once for the grammar, once for fnmatch.
    expect(first('a\\b')).to.equal(String.raw`/usr/bin/tee a\\\\b`);
    expect(sudoersCommands({ argv: ['nft'], tier: 'read', roles: [], why: '' })[0]).to.equal('/usr/sbin/nft ""');
  });

  it('are none for root, and refuse what is no user', () => {
    const { text, commands } = fileFor('root');
    expect(commands).to.deep.equal([]);
    expect(effective(text)).to.deep.equal([]);
    for (const user of ['', 'ops ALL', '%wheel', '#0', 'a\nb', 'ALL,x', '-x'])
      expect(() => fileFor(user), JSON.stringify(user))
        .to.throw(IpvetError)
        .with.property('code', 'USAGE');
    expect(effective(fileFor('ops@example.com').text).join('\n')).to.contain('ops\\@example.com ALL=(root)');
    expect(fileFor('ops@example.com').name).to.match(/^[\w-]+$/);
  });

  it('are accepted by visudo', function () {
    if (spawnSync('visudo', ['-V']).status !== 0) this.skip();
    for (const user of ['ops', 'ops@example.com', 'DOM\\ops'])
      for (const managedBy of ['ipvsadm', 'keepalived'] as const) {
        const judged = spawnSync('visudo', ['-cf', '-'], {
          input: fileFor(user, 'change', managedBy).text,
          encoding: 'utf8',
        });
        expect(judged.status, judged.stderr + judged.stdout).to.equal(0);
      }
  });

  it('have the link of a director by its own interface, where there is another director to take over', () => {
    const pair = aCluster({
      directors: [aDirector({ vipInterface: 'bond0' }), aDirector({ name: 'director2', dip: '10.10.10.2' })],
      rules: { managedBy: 'keepalived' },
    });
    const [first] = pair.directors as [Director, Director];
    const words = (cluster: Cluster) => (rootScope(cluster, first).own ?? []).map(({ argv }) => argv.join(' '));
    expect(words(pair)).to.include.members([
      'ip link set dev bond0 down',
      'ip link set dev bond0 up',
      'ip route restore',
    ]);
    for (const change of [{ directors: [first] }, { rules: { managedBy: 'ipvsadm' as const } }])
      expect(words({ ...pair, ...change }).filter((each) => each.startsWith('ip link'))).to.deep.equal([]);
  });
});
