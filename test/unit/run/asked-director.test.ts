import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { askDirector } from '../../../lib/run/asked-director.ts';
import type { ExecResult, Host } from '../../../lib/ssh/host.ts';
import { aCluster, aDirector } from '../../builders.ts';
import { transcript } from '../parse/transcript.ts';

const flow = {
  client: '192.168.122.1',
  clientPort: 40_001,
  vip: '192.168.122.100',
  port: 80,
  protocol: 'tcp',
} as const;

type Answer = string | number | IpvetError;

/** Says `listing` for /proc/net/ip_vs, `table` for the connection table, and of its facts that it cannot. A number is an exit code. */
function host(listing: Answer, table: Answer, asked: string[][] = []): Host {
  const exec = (argv: readonly string[]): Promise<ExecResult> => {
    asked.push([...argv]);
    const said = argv[0] === 'awk' ? table : argv.join(' ').includes('/proc/net/ip_vs ]') ? listing : '';
    if (said instanceof IpvetError) return Promise.reject(said);
    const [stdout, exitCode] = typeof said === 'string' ? [said, 0] : ['', said];
    return Promise.resolve({ argv, exitCode, stdout, stderr: '', truncated: false, durationMs: 1, requestedAtMs: 0 });
  };
  return { declaration: aDirector(), user: 'ops', exec, spawn: () => Promise.reject(new Error('not asked')) };
}

const ask = (one: Host) => askDirector(aCluster(), one, flow, { signal: new AbortController().signal });

describe('what a director is asked', () => {
  const web = transcript('ip_vs', 'centos7-3.10');

  it('is its services, then the entries of the client and the templates that they may have made', async () => {
    const asked: string[][] = [];
    const row = 'e TCP C0A87A01 9C41 C0A87A64 0050 0A0A0A14 0050 ESTABLISHED 893 LOCAL';
    const director = await ask(host(web, `${row}\nwhole 10 1\n`, asked));
    expect(director.services.known && director.services.value).to.have.lengthOf(2);
    expect(director.entries.known && director.entries.value.entries[0]).to.include({ destination: '10.10.10.20:80' });
    const awk = asked.find(([program]) => program === 'awk');
    expect(awk).to.include('templates=TCP C0A87A01 0000 C0A87A64 0050').and.include('from=x9C41');
  });

  it('that it does not tell is missing with its reason', async () => {
    const director = await ask(host(web, 'absent\n'));
    expect(director.entries.known).to.equal(false);
    expect(!director.entries.known && director.entries).to.include({ reason: 'permission' });
    expect(director.rules.known).to.equal(false);
    const garbled = await ask(host('rubbish', 'whole 0 0\n'));
    expect(garbled.services.known).to.equal(false);
    const late = new IpvetError('EXEC_TIMEOUT', 'director1: too late');
    expect((await ask(host(late, 'whole 0 0\n'))).services).to.include({ known: false, reason: 'deadline' });
  });

  it('without IPVS is no service and no entry', async () => {
    const director = await ask(host(3, 'absent\n'));
    expect(director.services.known && director.services.value).to.deep.equal([]);
    expect(director.entries.known && director.entries.value).to.include({ extent: 'whole', found: 0 });
  });

  it('is nothing where the connection is lost', async () => {
    const lost = new IpvetError('SSH_CLOSED', 'director1: connection lost');
    const error: unknown = await ask(host(web, lost)).catch((cause: unknown) => cause);
    expect(error).to.equal(lost);
  });
});
