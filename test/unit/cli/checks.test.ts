import { expect } from 'chai';
import { checksCommand } from '../../../cli/checks.ts';
import { checks } from '../../../checks/index.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { printed } from './printed.ts';

describe('ipvet checks', () => {
  const run = (...argv: string[]): Promise<string> => printed(checksCommand(), argv);

  const refusal = async (id: string): Promise<IpvetError> => {
    try {
      await run('checks', 'explain', id);
    } catch (error) {
      if (error instanceof IpvetError) return error;
      throw error;
    }
    throw new Error(`explained ${id}`);
  };

  it('list names every check once, one a line', async () => {
    const lines = (await run('checks', 'list')).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.split(/\s/)[0])).to.deep.equal(checks.map(({ id }) => id));
  });

  it('list --json is one document', async () => {
    const list = JSON.parse(await run('--json', 'checks', 'list')) as { id: string; doc: { why: string } }[];
    expect(list.map(({ id }) => id)).to.deep.equal(checks.map(({ id }) => id));
    expect(list.every(({ doc }) => doc.why.length > 0)).to.equal(true);
  });

  it('explain says why, and how to look by hand', async () => {
    const text = await run('checks', 'explain', 'real-server/reply-route');
    expect(text).to.include('SYN_RECV').and.include('ip route get CIP');
    const meta = JSON.parse(await run('--json', 'checks', 'explain', 'real-server/reply-route')) as object;
    expect(meta).to.include({ id: 'real-server/reply-route', scope: 'real-server-service' });
  });

  it('explain suggests what was probably meant', async () => {
    const slip = await refusal('real-server/replyroute');
    expect(slip.code).to.equal('USAGE');
    expect(slip.message).to.include('real-server/replyroute');
    expect(slip.hint).to.include('did you mean real-server/reply-route?');
    expect((await refusal('reply-route')).hint).to.include('real-server/reply-route');
    expect((await refusal('firewall')).hint).to.include('director/firewall or real-server/firewall');
    expect((await refusal('xyzzy')).hint).to.equal('All of them: ipvet checks list');
  });

  it('list can be narrowed: by tag, stage, severity, and the fault that is seen', async () => {
    const ids = async (...flags: string[]) =>
      (JSON.parse(await run('--json', 'checks', 'list', ...flags)) as { id: string }[]).map(({ id }) => id);
    expect(await ids('--fault', 'nat-rs-gateway-not-director')).to.include('real-server/reply-route');
    expect(await ids('--tag', 'firewall'))
      .to.include('director/firewall')
      .and.not.include('director/vip');
    expect(await ids('--tag', 'nat'))
      .to.include('director/ip-forward')
      .and.not.include('network/hostname');
    expect(await ids('--tag', 'time', '--severity', 'mandatory')).to.include('network/clock-offset');
    const both = await ids('--stage', 'traffic');
    expect(both).to.not.have.length(0);
    expect(both.every((id) => id.startsWith('traffic/'))).to.equal(true);
    expect(await ids('--tag', 'time,firewall')).to.deep.equal([]);
  });

  it('explain shows tags, faults, the command behind each fact, and what to do', async () => {
    const text = await run('checks', 'explain', 'director/vip');
    expect(text).to.include('vip-absent-on-director').and.include('- `addresses`: `ip -j addr');
    expect(text)
      .to.match(/^- Tags: /m)
      .and.include('--skip director/vip')
      .and.include('waivers: [{ check: director/vip');
    expect((await refusal('custom/mine')).hint).to.include('cluster file');
  });
});
