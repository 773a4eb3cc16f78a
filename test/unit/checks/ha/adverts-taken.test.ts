import { expect } from 'chai';
import { advertsTaken } from '../../../../checks/ha/adverts-taken.ts';
import { missing } from '../../../../lib/model/facts.ts';
import { Secret } from '../../../../lib/model/secret.ts';
import { parseKeepalivedLog } from '../../../../lib/parse/keepalived-log.ts';
import type { FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';
import { aPair } from '../../../pair-facts.ts';
import { transcript } from '../../parse/transcript.ts';
import { confWith, pairJudged } from './pair.ts';

const cluster = aPair();
const logged = (name: string, second: FactChanges = {}, laterS?: number) => {
  const text = transcript(`journal-${name}.txt`, 'keepalived-2.2.7');
  const now = laterS === undefined ? NaN : Number(/^\d+/.exec(text)?.[0]) + laterS;
  return pairJudged(advertsTaken, {
    director1: { keepalivedJournal: parseKeepalivedLog(text, now) },
    director2: second,
  });
};
const otherwise = (instance: Parameters<typeof confWith>[2]) => confWith(cluster, 'director2', instance);

describe('ha/adverts-taken', () => {
  it('passes where none was dropped, and where that is long ago', () => {
    expect(pairJudged(advertsTaken).outcome).to.equal('pass');
    expect(logged('master').outcome).to.equal('pass');
    expect(logged('password', {}, 600).outcome).to.equal('pass');
  });

  it('names the difference where the configurations have it', () => {
    const password = { authentication: { type: 'PASS', password: new Secret('another1') } };
    const cases = [
      ['password', otherwise(password), 'vrrp-auth-mismatch'],
      ['interval', otherwise({ advertIntervalMs: 3000 }), 'vrrp-advert-int-mismatch'],
      ['version', otherwise({ version: 3 }), 'vrrp-advert-int-mismatch'],
      ['count', otherwise({ addresses: [] }), 'vrrp-vip-list-mismatch'],
    ] as const;
    for (const [name, second, fault] of cases) {
      const { reason, faults } = finding(logged(name, second));
      expect(faults, name).to.deep.equal([fault]);
      expect(reason).to.include('director2 is set up otherwise');
    }
  });

  it('names another cluster, or a reload that was left out, where they agree', () => {
    for (const name of ['foreign', 'password']) {
      const { reason, faults } = finding(logged(name));
      expect(faults, name).to.deep.equal(['vrrp-vrid-collision']);
      expect(reason).to.include('another cluster uses virtual_router_id 51');
    }
  });

  it('goes by the words alone where a configuration is not known', () => {
    const gone = { keepalivedConf: missing('permission', 'no sudo rule') };
    expect(finding(logged('foreign', gone)).faults).to.deep.equal(['vrrp-vip-list-mismatch']);
  });

  it('does not apply to one director, nor where keepalived said nothing', () => {
    expect(judge(advertsTaken).outcome).to.equal('not-applicable');
    const silent = { keepalivedJournal: { transitions: [], complaints: [] } };
    expect(pairJudged(advertsTaken, { director1: silent }).outcome).to.equal('not-applicable');
  });
});
