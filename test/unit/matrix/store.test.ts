import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

import { faults } from '../../../lab/faults/index.ts';
import { casesOf } from '../../matrix/cases.ts';
import { storedResults, storeResult } from '../../matrix/store.ts';

describe('matrix: results on disk', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ipvet-matrix-store-'));
  const file = join(directory, 'results.ndjson');
  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('come back as they were, the last of a case alone, and none of what was not tried or not asked for', () => {
    const cases = casesOf(faults, {
      topologies: ['nat'],
      faults: ['rs-firewall-drop', 'weight-zero'],
      on: 'default-hosts',
    });
    const [first, second, third] = cases;
    if (first === undefined || second === undefined || third === undefined) throw new RangeError('there are three');
    expect(storedResults(file, cases)).to.deep.equal([]);
    const missed = { right: false, falseAlarm: true, got: 'nothing named', remarks: ['exit code 0, not 1'] };
    const named = { right: true, falseAlarm: false, got: 'as it is', remarks: [] };
    storeResult(file, { of: first, seconds: 20, score: missed });
    storeResult(file, { of: second, seconds: 9, broken: 'the lab broke' });
    storeResult(file, { of: third, seconds: 12, score: named });
    storeResult(file, { of: first, seconds: 21, score: named });
    expect(storedResults(file, cases)).to.deep.equal([
      { of: first, seconds: 21, score: named },
      { of: third, seconds: 12, score: named },
    ]);
    expect(storedResults(file, [third])).to.deep.equal([{ of: third, seconds: 12, score: named }]);
  });
});
