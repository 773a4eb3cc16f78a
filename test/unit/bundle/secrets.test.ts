/** No secret of a hostile corpus is in any file of a bundle, wherever in the run's folder it stood. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { unpack } from '../../../lib/bundle/archive.ts';
import { bundleOf } from '../../../lib/bundle/make.ts';
import { aRun, type MadeRun } from './a-run.ts';

const secret = 'Hunter2Hunter2Hunter2';
/** As hosts print them; the folder of a run has them where an ipvet before this one did not know the form. */
const corpus = `authentication {
    auth_type PASS
    auth_pass ${secret}
}
authentication { auth_type PASS auth_pass "${secret} more" }
smtp { password ${secret}; }
export DB_PASSWORD='${secret}'
AWS_SECRET_ACCESS_KEY=${secret}
{"password":"${secret}","user":"x"}
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAA
${secret}
-----END OPENSSH PRIVATE KEY-----
> Authorization: Basic ${secret}
Cookie: session=${secret}
proxy http://ops:${secret}@10.0.0.1:3128/
rocommunity ${secret} 10.0.0.0/8
root:$6$saltsalt$${secret}${secret}${secret}${secret}:19000:0:::
notification_email { jane.doe@corp.example }
link/ether 52:54:00:ab:cd:ef  inet6 fe80::5054:ff:feab:cdef/64
/home/ops/.ssh
`;
const hidden = [secret, 'jane.doe', '52:54:00:ab:cd:ef', '5054:ff:feab:cdef', '/home/ops'];
const names = ['director1', 'rs1', 'client1', 'web-lvs', 'www.example.com', 'lb1.secret.corp'];
const addresses = ['81.2.69.142', '5102458E', '2a00:1450:4001::64'];
const told = `${corpus}\n81.2.69.142 lb1.secret.corp lb1\nTCP  5102458E:0050 rr\n2a00:1450:4001::64\n`;

describe('secrets and a bundle', function () {
  this.timeout(120_000);
  let folder = '';
  let run: MadeRun;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'ipvet-secrets-'));
    run = await aRun(folder);
    for (const name of ['events.ndjson', 'raw.ndjson', 'run.json']) {
      const file = join(run.directory, name);
      const lines = readFileSync(file, 'utf8').trimEnd();
      const text =
        name === 'run.json'
          ? JSON.stringify(everywhere(JSON.parse(lines)))
          : lines
              .split('\n')
              .map((line) => JSON.stringify(everywhere(JSON.parse(line))))
              .join('\n');
      writeFileSync(file, `${text}\n`);
    }
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes secrets, mail, cards and users out of every file', async () => {
    await search([], hidden);
  });

  it('takes names and addresses out of every file where it is asked for', async () => {
    await search(['names', 'addresses'], [...hidden, ...names, ...addresses]);
  });

  async function search(redact: readonly ('names' | 'addresses')[], words: readonly string[]): Promise<void> {
    const { content } = bundleOf(run.directory, { version: '0.0.1', redact });
    const files = await unpack(content, 'case');
    expect(files.size).to.be.greaterThan(20);
    for (const [path, bytes] of files) {
      const text = bytes.toString('utf8').toLowerCase();
      for (const word of words) expect(text.includes(word.toLowerCase()), `${word} in ${path}`).to.equal(false);
      for (const word of words) expect(path.toLowerCase()).not.to.include(word.toLowerCase());
    }
    // The instrument sees: what it looks for was there.
    const before = ['events.ndjson', 'raw.ndjson', 'run.json'].map((name) =>
      readFileSync(join(run.directory, name), 'utf8'),
    );
    for (const text of before)
      expect(text).to.include(secret).and.include('52:54:00:ab:cd:ef').and.include('81.2.69.142');
  }
});

/** Behind whatever a host, or a check, said. */
function everywhere(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return ['stdout', 'stderr', 'output', 'reason', 'text', 'message'].includes(key) ? `${value}\n${told}` : value;
  if (Array.isArray(value))
    return value.map((item: unknown) =>
      Array.isArray(item) && item.length === 2 && typeof item[1] === 'string'
        ? [item[0] as unknown, `${item[1]}\n${told}`]
        : everywhere(item, key),
    );
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, everywhere(member, name)]));
}
