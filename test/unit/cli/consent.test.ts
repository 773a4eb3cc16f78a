import { expect } from 'chai';

import { type ConsentRequest, requireConsent } from '../../../cli/consent.ts';
import type { GlobalOptions } from '../../../cli/options.ts';
import { parseCluster } from '../../../lib/config/load.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { natText, today } from '../config/cluster-text.ts';

/** Off a terminal, as tests are: what is missing is refused, and nobody is shown anything. */
describe('consent off a terminal', () => {
  const clusterIn = (environment: string) =>
    parseCluster(natText.replace('environment: preprod', `environment: ${environment}`), 'cluster.yaml', { today });

  const options = (given: Partial<GlobalOptions>): GlobalOptions => ({
    inventory: 'cluster.yaml',
    out: 'runs',
    limit: [],
    skip: [],
    format: [],
    lang: 'en',
    htmlLayout: 'file',
    json: false,
    quiet: false,
    verbose: false,
    color: false,
    input: false,
    yes: false,
    failOn: 'fail',
    allow: [],
    dryRun: false,
    stealLock: false,
    ...given,
  });

  const request = (given: Partial<ConsentRequest> = {}): ConsentRequest => ({
    command: 'accept',
    tiers: ['traffic', 'change'],
    needed: ['traffic'],
    show: () => Promise.reject(new Error('shown to nobody')),
    ...given,
  });

  const refusal = async (environment: string, given: Partial<GlobalOptions>, asked: Partial<ConsentRequest> = {}) => {
    try {
      await requireConsent(clusterIn(environment), options(given), request(asked));
    } catch (error) {
      if (error instanceof IpvetError) return error;
      throw error;
    }
    throw new Error('was allowed');
  };

  it('a lab allows every tier', async () => {
    expect(await requireConsent(clusterIn('lab'), options({}), request())).to.deep.equal({
      read: true,
      traffic: true,
      change: true,
      disrupt: true,
    });
  });

  it('--allow gives the tiers it names, and no others', async () => {
    expect(await requireConsent(clusterIn('preprod'), options({ allow: ['traffic'] }), request())).to.deep.equal({
      read: true,
      traffic: true,
      change: false,
      disrupt: false,
    });
  });

  it('--yes gives the tiers of the command, and no others', async () => {
    const consent = await requireConsent(clusterIn('preprod'), options({ yes: true }), request({ tiers: ['traffic'] }));
    expect(consent).to.deep.equal({ read: true, traffic: true, change: false, disrupt: false });
  });

  it('a command that only reads asks nobody', async () => {
    const consent = await requireConsent(
      clusterIn('production'),
      options({}),
      request({ tiers: ['read'], needed: ['read'] }),
    );
    expect(consent).to.deep.equal({ read: true, traffic: false, change: false, disrupt: false });
  });

  it('names the VIP, the cluster and the flag to give', async () => {
    const error = await refusal('preprod', {});
    expect(error.code).to.equal('REFUSED');
    expect(error.message).to.equal(
      'accept sends load to 192.168.122.100:80 of web-lvs (preprod), which was not allowed',
    );
    expect(error.hint).to.equal(
      'see what it would do with --dry-run, then give --allow traffic, or --allow traffic,change for all that it can do (or --yes)',
    );
  });

  it('names only what is missing', async () => {
    const error = await refusal('preprod', { allow: ['traffic'] }, { needed: ['traffic', 'change'] });
    expect(error.message).to.equal('accept changes the rules of web-lvs (preprod), which was not allowed');
    expect(error.hint).to.match(/--allow change \(or --yes\)$/);
  });

  for (const given of [{ yes: true }, { allow: ['disrupt'] }, { allow: ['traffic', 'change', 'disrupt'], yes: true }])
    it(`production is not disrupted, whatever is given: ${JSON.stringify(given)}`, async () => {
      const error = await refusal('production', given, {
        command: 'failover',
        tiers: ['disrupt'],
        needed: ['disrupt'],
      });
      expect(error.code).to.equal('REFUSED');
      expect(error.message).to.match(/web-lvs is a production cluster/);
    });

  it('production refuses to be asked for disruption by a command that would not use it', async () => {
    const error = await refusal('production', { allow: ['traffic', 'disrupt'] });
    expect(error.hint).to.equal('leave disrupt out of --allow');
  });

  it('production can be tested and changed with consent', async () => {
    const consent = await requireConsent(clusterIn('production'), options({ allow: ['traffic', 'change'] }), request());
    expect(consent).to.deep.equal({ read: true, traffic: true, change: true, disrupt: false });
  });
});
