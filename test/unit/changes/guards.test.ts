import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Guards } from '../../../lib/changes/guards.ts';
import { LocalHost } from '../../../lib/ssh/local-host.ts';
import { failureOf } from '../../ssh/failure.ts';
import { aClient } from '../../builders.ts';

/** This machine plays the host; the folder is the test's own. */
describe('the guards of a run', function () {
  this.timeout(30_000);

  it('leave a host alone that is to lose its power, and take it again, unless something is left to undo on it', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ipvet-guards-'));
    const folder = join(home, 'lock');
    const lifetime = new AbortController();
    const host = await LocalHost.open(aClient(), 'none', lifetime.signal);
    const guards = await Guards.open([host], {
      holder: { runId: 'run-1', owner: 'alice@laptop', purpose: 'failover', since: '2026-11-29T20:00:00Z' },
      signal: lifetime.signal,
      placeOf: () => ({ folder, holdS: 20 }),
    });
    try {
      await guards.leave('client1');
      expect(existsSync(folder)).to.equal(false);
      expect(guards.all).to.deep.equal([]);
      expect(() => guards.of('client1')).to.throw(/has no guard/);

      await guards.retake(host);
      expect(existsSync(folder)).to.equal(true);
      const guard = guards.of('client1');
      const step = await guard.register({ host: 'client1', what: 'a change', script: 'true' });
      expect(await failureOf(guards.leave('client1'))).to.include({ code: 'UNGUARDED' });
      await guard.undo(step, lifetime.signal);
    } finally {
      await guards.release();
      lifetime.abort();
      await host.close();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
