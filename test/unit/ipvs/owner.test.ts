import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { mustNotBeOwned, parseOwners } from '../../../lib/ipvs/owner.ts';
import type { Cluster } from '../../../lib/model/cluster.ts';
import type { ExecOptions, ExecResult, Host } from '../../../lib/ssh/host.ts';
import { aCluster, aDirector, aRealServer, aService } from '../../builders.ts';
import { direct, natPair } from './keepalived-samples.ts';

const running = `process 1132 1 keepalived /usr/sbin/keepalived --dont-fork 
process 1133 1132 keepalived /usr/sbin/keepalived --dont-fork 
process 1134 1132 keepalived /usr/sbin/keepalived --dont-fork 
unit keepalived active
unit ipvsadm disabled
`;

/** Answers the script with `owners`, and has one keepalived.conf. */
function director(owners: string, conf?: string, readable = true): Host & { readonly asRoot: string[] } {
  const asRoot: string[] = [];
  const answer = (argv: readonly string[], options: ExecOptions = {}): [number, string, string] => {
    if (options.asRoot === true) asRoot.push(argv.join(' '));
    if (argv[0] === 'sh') return [0, options.stdin?.includes('PATTERNS') === true ? '' : owners, ''];
    if (conf === undefined) return [1, '', 'cat: /etc/keepalived/keepalived.conf: No such file or directory\n'];
    if (!readable && options.asRoot !== true) return [1, '', 'cat: Permission denied\n'];
    options.onStdout?.(Buffer.from(conf), 0);
    return [0, conf, ''];
  };
  return {
    asRoot,
    declaration: aDirector(),
    user: 'ops',
    spawn: () => Promise.reject(new Error('not expected')),
    exec: (argv, options): Promise<ExecResult> => {
      const [exitCode, stdout, stderr] = answer(argv, options);
      return Promise.resolve({ argv, exitCode, stdout, stderr, truncated: false, durationMs: 1, requestedAtMs: 0 });
    },
  };
}

const cluster = (managedBy: Cluster['rules']['managedBy']) =>
  aCluster({ rules: { managedBy }, virtualServices: [aService([aRealServer(1)])] });

async function refusal(owned: Cluster, host: Host): Promise<string | undefined> {
  try {
    await mustNotBeOwned(owned, host, AbortSignal.timeout(1000));
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(IpvetError);
    expect((error as IpvetError).code).to.equal('REFUSED');
    return (error as IpvetError).message;
  }
}

describe('owner of the rules', () => {
  it('is keepalived once, with the file it was started with', () => {
    expect(parseOwners(running)).to.deep.equal([
      {
        kind: 'keepalived',
        because: 'keepalived runs as process 1132 (/usr/sbin/keepalived --dont-fork)',
        confPath: '/etc/keepalived/keepalived.conf',
      },
    ]);
    expect(parseOwners('process 7 1 keepalived keepalived -D -f /srv/k.conf\n')[0]?.confPath).to.equal('/srv/k.conf');
    expect(parseOwners('process 7 1 keepalived keepalived --use-file=/srv/k.conf\n')[0]?.confPath).to.equal(
      '/srv/k.conf',
    );
  });

  it('is seen by process, interface and unit', () => {
    const text =
      'process 9 1 ldirectord /usr/bin/perl /usr/sbin/ldirectord start\ninterface kube-ipvs0\nunit ipvsadm enabled\n';
    expect(parseOwners(text).map(({ kind }) => kind)).to.deep.equal(['ldirectord', 'kube-proxy', 'ipvsadm']);
    expect(parseOwners('unit keepalived inactive\nunit ipvsadm \n')).to.deep.equal([]);
  });

  it('may be ipvsadm when nothing else runs, or keepalived has other services', async () => {
    expect(await refusal(cluster('ipvsadm'), director('unit ipvsadm enabled\n'))).to.equal(undefined);
    const vrrpOnly = natPair.slice(0, natPair.indexOf('virtual_server'));
    expect(await refusal(cluster('ipvsadm'), director(running, vrrpOnly))).to.equal(undefined);
    expect(await refusal(cluster('ipvsadm'), director(running))).to.equal(undefined);
  });

  it('is keepalived when its configuration has a declared service', async () => {
    const message = await refusal(cluster('ipvsadm'), director(running, natPair));
    expect(message).to.contain('process 1132').and.contain('/etc/keepalived/keepalived.conf line 23');
    expect(message).to.not.contain('s3cr3tpw');
    const locked = director(running, direct, false);
    expect(await refusal(cluster('ipvsadm'), locked)).to.contain('line 1');
    expect(locked.asRoot).to.deep.equal(['cat /etc/keepalived/keepalived.conf']);
  });

  it('is not ruled out by a configuration that cannot be understood', async () => {
    expect(await refusal(cluster('ipvsadm'), director(running, 'virtual_server {\n'))).to.contain('cannot be seen');
    const variable = '$VIP=10.0.0.1\nvirtual_server $VIP 80 {\n}\n';
    expect(await refusal(cluster('ipvsadm'), director(running, variable))).to.contain('line 2');
  });

  it('is never kube-proxy or ldirectord', async () => {
    for (const managedBy of ['ipvsadm', 'keepalived'] as const)
      expect(await refusal(cluster(managedBy), director(`${running}interface kube-ipvs0\n`, natPair))).to.contain(
        'kube-ipvs0',
      );
  });

  it('is not keepalived when none runs', async () => {
    expect(await refusal(cluster('keepalived'), director('unit keepalived inactive\n'))).to.contain(
      'no keepalived runs',
    );
    expect(await refusal(cluster('keepalived'), director(running, natPair))).to.equal(undefined);
  });
});
