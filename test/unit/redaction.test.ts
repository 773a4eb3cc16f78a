import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';
import fc from 'fast-check';

import { mark, Redactor } from '../../lib/redaction.ts';

const clean = (text: string): string => new Redactor().text(text);

/** The secret in each is the word `Hunter2Hunter2Hunter2` and its like; what is left must not hold it. */
const secret = 'Hunter2Hunter2Hunter2';
const forms: Readonly<Record<string, string>> = {
  'keepalived auth_pass': `authentication {\n    auth_type PASS\n    auth_pass ${secret}\n}`,
  'keepalived auth_pass, quoted': `  auth_pass "${secret} and more" # both`,
  'keepalived auth_pass on one line': `authentication { auth_type PASS auth_pass ${secret} }`,
  auth_data: `auth_data ${secret}`,
  'a line password WORD': `smtp {\n  password ${secret};\n}`,
  'password=': `mysql --user=x password=${secret} -h db`,
  'passwd =': `passwd = ${secret}`,
  'a shell variable': `export DB_PASSWORD='${secret}'`,
  'a longer name': `AWS_SECRET_ACCESS_KEY=${secret}`,
  token: `token: ${secret}`,
  'client_secret of a query': `GET /?client_secret=${secret}&x=1`,
  api_key: `api_key="${secret}"`,
  'a member of JSON text': `{"password":"${secret}","user":"x"}`,
  'a member of JSON with an escaped quote': `{"password":"a\\"${secret}","user":"x"}`,
  'JSON inside JSON': JSON.stringify({ line: JSON.stringify({ password: secret, user: 'x' }) }),
  'a list of secrets': `"secrets": ["a", "${secret}"], "n": 1`,
  '--password WORD': `tool --password ${secret} --verbose`,
  sshpass: `sshpass -p ${secret} ssh host`,
  PEM: `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----\n`,
  'PEM cut off': `-----BEGIN PRIVATE KEY-----\nMIIE${secret}`,
  'PEM on one line': `key: -----BEGIN EC PRIVATE KEY-----\\n${secret}\\n-----END EC PRIVATE KEY-----`,
  'OpenSSH key': `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n${secret}\n-----END OPENSSH PRIVATE KEY-----`,
  'OpenSSH key without its first line': `b3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n${secret}\n`,
  'Authorization header': `> Authorization: Basic ${secret}\r\n> Host: x`,
  'Authorization in a command': `curl -H 'Authorization: Bearer ${secret}' http://10.0.0.1/`,
  'Cookie header': `Cookie: a=1; session=${secret}; b=2`,
  'Set-Cookie': `< Set-Cookie: session=${secret}; HttpOnly`,
  'bearer token': `sent Bearer ${secret}`,
  'URL with credentials': `proxy http://ops:${secret}@10.0.0.1:3128/ in use`,
  'URL with an @ in the password': `http://ops:p@${secret}@10.0.0.1/`,
  'SNMP community': `rocommunity ${secret} 10.0.0.0/8`,
  'SNMP community of a switch': `snmp-server community ${secret} RO`,
  'SNMP com2sec': `com2sec local localhost ${secret}`,
  'SNMP on a command line': `snmpwalk -v2c -c ${secret} 10.0.0.1`,
  'SNMPv3 user': `createUser ops SHA "${secret}" AES`,
  'shadow line': `root:$6$saltsalt$${secret.repeat(4)}:19000:0:::`,
  yescrypt: `$y$j9T$${secret}$${secret}`,
  'LDAP hash': `userPassword:: {SSHA}${secret}`,
  'JSON web token': `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${secret}`,
};

describe('redaction', () => {
  for (const [name, text] of Object.entries(forms)) {
    it(`takes out: ${name}`, () => {
      const found = clean(text);
      expect(found).to.not.include(secret);
      expect(found).to.include(mark);
    });
  }

  it('leaves what stands around a secret', () => {
    expect(clean('{"password":"x y","user":"ops"}')).to.equal('{"password":"[redacted]","user":"ops"}');
    expect(clean('{"token": 12, "n": null}')).to.equal('{"token": "[redacted]", "n": null}');
    expect(clean('http://ops:pw@10.0.0.1/a?b=1')).to.equal('http://ops:[redacted]@10.0.0.1/a?b=1');
    expect(clean('auth_pass abc\n}\n')).to.equal('auth_pass [redacted]\n}\n');
    expect(clean('a=1 password=x&y=2')).to.equal('a=1 password=[redacted]&y=2');
    expect(clean('> Cookie: a=b\r\n> Host: x')).to.equal('> Cookie: [redacted]\r\n> Host: x');
  });

  it('keeps JSON text JSON', () => {
    for (const value of [
      { password: 'a"b', n: 1 },
      { tokens: ['a', { b: 'c' }], n: 1 },
      { api_key: 12 },
      { secret: null },
    ]) {
      for (const indent of [0, 2]) {
        expect(
          () => JSON.parse(clean(JSON.stringify(value, null, indent))) as unknown,
          JSON.stringify(value),
        ).to.not.throw();
      }
    }
  });

  it('leaves sentences, settings and commands alone that only speak of passwords', () => {
    for (const text of [
      'sudo: a password is required',
      'rs1: sudo does not let ops run a program as root: sudo: a password is required',
      'passwordauthentication yes\npermitemptypasswords no',
      'PasswordAuthentication no',
      'Passphrase for /home/ops/.ssh/id_ed25519: ',
      '/home/ops/.ssh/id is encrypted and there is no terminal to ask for its passphrase',
      'password required pam_unix.so',
      'ssh://ops@10.0.0.1:22/',
      'the keys of http://192.168.122.100:80/ and https://x/',
      '-A -t 192.168.122.100:80 -s rr -p 300',
      'echo "$1$2" ${x:-$y}',
    ])
      expect(clean(text)).to.equal(text);
  });

  it('changes no capture of a healthy host, and no page of the documentation about checks', () => {
    const folders = [
      '../transcripts/debian12-6.1.176/',
      '../transcripts/debian12-6.18/',
      '../../docs/checks/director/',
    ];
    const files = folders.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
    const texts = files.flatMap((folder) => readdirSync(folder).map((name) => readFileSync(folder + name, 'utf8')));
    expect(texts.length).to.be.above(30);
    for (const text of texts) expect(clean(text)).to.equal(text);
  });

  it('is done after once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(forms)), fc.string(), (form, other) => {
        const once = clean(`${other}\n${form}\n${other}`);
        expect(clean(once)).to.equal(once);
        expect(once).to.not.include(secret);
      }),
    );
  });

  it('takes out what was learnt, also quoted for a shell, a URL or JSON, and nothing as short as a word', () => {
    const redactor = new Redactor();
    const passphrase = `corr"ect 'horse`;
    redactor.learn(passphrase);
    redactor.learn('rs1');
    for (const form of [
      passphrase,
      JSON.stringify(passphrase),
      encodeURIComponent(passphrase),
      `'corr"ect '\\''horse'`,
    ]) {
      expect(redactor.text(`said ${form}.`))
        .to.include(mark)
        .and.not.include('horse');
    }
    expect(redactor.text('rs1 is up')).to.equal('rs1 is up');
  });

  it('learns anything, and what it learnt is nowhere afterwards', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5, unit: 'binary' }), fc.string(), fc.string(), (word, before, after) => {
        fc.pre(!mark.includes(word));
        const redactor = new Redactor();
        redactor.learn(word);
        expect(redactor.text(`${before}${word} ${after}`)).to.not.include(word);
      }),
    );
  });

  describe('of values', () => {
    it('keeps the shape, and gives back the very value when there is nothing to hide', () => {
      const harmless = { a: [1, 'x', null, { b: true }], undone: false };
      expect(new Redactor().value(harmless)).to.equal(harmless);
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          expect(JSON.parse(JSON.stringify(new Redactor().value(value)))).to.satisfy(
            (found: unknown) => typeof found === typeof value && Array.isArray(found) === Array.isArray(value),
          );
        }),
      );
    });

    it('hides the member of a telling name, and secrets deep inside', () => {
      const found = new Redactor().value({
        headers: { 'set-cookie': 'a=b', authorization: 'Basic x', server: 'nginx' },
        db: { password: 'x', DB_PASSWORD: 'y', passwordAuthentication: 'no' },
        raw: [{ stdout: 'auth_pass x\n' }],
      });
      expect(found).to.deep.equal({
        headers: { 'set-cookie': mark, authorization: mark, server: 'nginx' },
        db: { password: mark, DB_PASSWORD: mark, passwordAuthentication: 'no' },
        raw: [{ stdout: 'auth_pass [redacted]\n' }],
      });
    });

    it('cleans the names of members too, and keeps two that become alike apart', () => {
      const found = new Redactor().value({ counts: { 'token=a': 1, 'token=b': 2 } });
      expect(found).to.deep.equal({ counts: { 'token=[redacted]': 1, 'token=[redacted] 2': 2 } });
    });

    it('spares words of the record, so that a passphrase which is one of them does not break it', () => {
      const redactor = new Redactor();
      redactor.learn('director');
      const event = { role: 'director', director: 1, reason: 'director said' };
      expect(redactor.value(event, { spare: new Set(['director']) })).to.deep.equal({
        role: 'director',
        director: 1,
        reason: `${mark} said`,
      });
    });

    it('does not fall over a value nested without end', () => {
      let deep: unknown = 'password=x';
      for (let depth = 0; depth < 20_000; depth++) deep = [deep];
      expect(JSON.stringify(new Redactor().value(deep))).to.include(mark);
    });
  });

  describe('of hostile text', () => {
    const megabytes = 2;
    const units = [
      'a',
      ' ',
      '\n',
      '"',
      '\\',
      '-',
      'password',
      'password=',
      'password="',
      'token:\\"',
      '"token":"',
      'token=[',
      'token="\\',
      '://',
      '://a:',
      '-----BEGIN PRIVATE KEY-----',
      'eyJ',
      'eyJabcdefghi.',
      'snmpget ',
      '$6$',
      'Cookie: ',
      '{SHA}',
      '\npassword ',
      'Bearer ',
      'com2sec a ',
      'b3BlbnNzaC1rZXktdjE',
      "Authorization: '",
    ];
    for (const unit of units) {
      it(`takes time in proportion to its length: ${JSON.stringify(unit)}`, function () {
        this.timeout(60_000);
        const time = (bytes: number): number => {
          const text = unit.repeat(Math.ceil(bytes / unit.length));
          const startedAt = performance.now();
          clean(text);
          return performance.now() - startedAt;
        };
        time(10_000);
        const least = Math.max(20, Math.min(time(megabytes << 17), time(megabytes << 17)));
        // Eight times the length; sixty-four times the time would be quadratic.
        expect(time(megabytes << 20)).to.be.below(least * 30);
      });
    }
  });
});
