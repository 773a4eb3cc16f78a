import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

const ipvet = fileURLToPath(new URL('../../../bin/ipvet', import.meta.url));

describe('colour', () => {
  it('is nowhere off a terminal, whatever the environment says of colours', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [ipvet, 'config', 'validate', '-i', '/nowhere'], {
      encoding: 'utf8',
      env: { ...process.env, CI: 'true', FORCE_COLOR: '1', NO_COLOR: undefined },
    });
    expect(status).to.equal(2);
    expect(stderr).to.include('/nowhere: error: ');
    expect(stdout + stderr).to.not.include('\u001B');
  });
});
