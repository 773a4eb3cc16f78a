import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { hostKeyName, judgeHostKey, knownKeyTypes, namesHost, parseKnownHosts } from '../../../lib/ssh/known-hosts.ts';

/** A key blob of the right shape (RFC 4253, 6.6); only its type and its bytes matter here. */
function keyOf(type: string, seed: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.alloc(32, seed)]);
}

const ed1 = keyOf('ssh-ed25519', 1);
const ed2 = keyOf('ssh-ed25519', 2);
const rsa = keyOf('ssh-rsa', 3);

function line(hosts: string, key: Buffer, marker = ''): string {
  return `${marker}${hosts} ${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')}`;
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

const judge = (lines: readonly string[], name: ReturnType<typeof hostKeyName>, key: Buffer) =>
  judgeHostKey(parseKnownHosts(lines.join('\n'), 'kh'), name, key);

const lb1 = hostKeyName('LB1', 22, undefined);
const lb1On2222 = hostKeyName('lb1', 2222, undefined);

describe('known_hosts', () => {
  it('skips comments, blank and broken lines, and counts lines from 1', () => {
    const entries = parseKnownHosts(
      `# who\n\nlb1\nlb1 ssh-ed25519\n  ${line('lb1', ed1)} comment\r\n@odd ${line('x', ed1)}\n`,
      'kh',
    );
    expect(entries).to.have.length(1);
    expect(entries[0]).to.include({ file: 'kh', line: 5, hosts: 'lb1', keyType: 'ssh-ed25519' });
  });

  it('knows a host by name, in any case', () => {
    expect(judge([line('other,Lb1', ed1)], lb1, ed1).status).to.equal('known');
    expect(judge([line('lb2', ed1)], lb1, ed1).status).to.equal('unknown');
    expect(judge([], lb1, ed1).status).to.equal('unknown');
  });

  it('knows a hashed name', () => {
    expect(judge([line(hashed('lb1'), ed1)], lb1, ed1).status).to.equal('known');
    expect(judge([line(hashed('[lb1]:2222'), ed1)], lb1On2222, ed1).status).to.equal('known');
    expect(judge([line(hashed('lb2'), ed1)], lb1, ed1).status).to.equal('unknown');
    expect(judge([line('|1|broken', ed1), line('|9|a|b', ed1)], lb1, ed1).status).to.equal('unknown');
  });

  it('knows a name by pattern, unless a negation takes it back', () => {
    const [entry] = parseKnownHosts(line('*.mgmt,!lb9.mgmt,rs?', ed1), 'kh');
    if (entry === undefined) throw new Error('no entry');
    expect(namesHost(entry, 'lb1.mgmt')).to.be.true;
    expect(namesHost(entry, 'lb9.mgmt')).to.be.false;
    expect(namesHost(entry, 'rs1')).to.be.true;
    expect(namesHost(entry, 'rs10')).to.be.false;
    expect(namesHost(entry, 'lb1xmgmt')).to.be.false;
  });

  it('keeps ports apart, but takes an equal key known without the port, as OpenSSH does', () => {
    expect(judge([line('[lb1]:2222', ed1)], lb1On2222, ed1).status).to.equal('known');
    expect(judge([line('[lb1]:2222', ed1)], lb1, ed1).status).to.equal('unknown');
    expect(judge([line('lb1', ed1)], lb1On2222, ed1).status).to.equal('known');
    expect(judge([line('lb1', ed1)], lb1On2222, ed2).status).to.equal('unknown');
  });

  it('tells which line contradicts a changed key', () => {
    const verdict = judge(['# first', line('lb1', ed1)], lb1, ed2);
    expect(verdict.status).to.equal('changed');
    expect(verdict).to.have.nested.property('entry.line', 2);
  });

  it('accepts one of several keys of a type', () => {
    expect(judge([line('lb1', ed1), line('lb1', ed2)], lb1, ed2).status).to.equal('known');
  });

  it('does not take a key of another type for a new host', () => {
    expect(judge([line('lb1', ed1)], lb1, rsa).status).to.equal('other-type');
  });

  it('refuses a revoked key, even where another line knows it', () => {
    expect(judge([line('lb1', ed1), line('*', ed1, '@revoked ')], lb1, ed1).status).to.equal('revoked');
    expect(judge([line('lb1', ed1, '@revoked ')], lb1On2222, ed1).status).to.equal('revoked');
    expect(judge([line('lb1', ed1), line('*', ed2, '@revoked ')], lb1, ed1).status).to.equal('known');
  });

  it('tells a host known through an authority only from an unknown one', () => {
    expect(judge([line('*.mgmt,lb1', ed2, '@cert-authority ')], lb1, ed1).status).to.equal('authority');
    expect(judge([line('lb1', ed2, '@cert-authority '), line('lb1', ed1)], lb1, ed1).status).to.equal('known');
    // An authority's own key is no host key.
    expect(judge([line('lb1', ed1, '@cert-authority ')], lb1, ed1).status).to.equal('authority');
  });

  it('looks an alias up as it stands, without the port', () => {
    const alias = hostKeyName('10.0.0.1', 2222, 'Director');
    expect(judge([line('director', ed1)], alias, ed1).status).to.equal('known');
  });

  it('lists the types a host is known by', () => {
    const entries = parseKnownHosts(
      [line('lb1', rsa), line(hashed('lb1'), ed1), line('lb1', ed2, '@cert-authority ')].join('\n'),
      'kh',
    );
    expect(knownKeyTypes(entries, lb1)).to.deep.equal(['ssh-rsa', 'ssh-ed25519']);
    expect(knownKeyTypes(entries, lb1On2222)).to.deep.equal(['ssh-rsa', 'ssh-ed25519']);
    expect(knownKeyTypes(entries, hostKeyName('rs1', 22, undefined))).to.deep.equal([]);
  });
});
