import { expect } from 'chai';
import { parseSyncDaemons, parseSyncedRows } from '../../../lib/parse/connection-sync.ts';
import { parseConfigTest, parseKeepalivedLog } from '../../../lib/parse/keepalived-log.ts';
import { parseIgmp, parseIgmp6 } from '../../../lib/parse/multicast.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

const journal = (name: string) => transcript(`journal-${name}.txt`, 'keepalived-2.2.7');

describe('what keepalived says', () => {
  it('of its states', () => {
    const { transitions, complaints } = parseKeepalivedLog(journal('master'), NaN);
    expect(transitions.map(({ instance, state }) => `${instance} ${state}`)).to.deep.equal([
      'VI_1 BACKUP',
      'VI_1 MASTER',
    ]);
    expect(complaints).to.deep.equal([]);
  });

  it('of adverts, counted, and how long ago by the clock of the host', () => {
    const text = journal('password');
    const last = Number(/(\d+)\.\d+ [^\n]*invalid passwd!\n(?![^]*invalid passwd)/.exec(text)?.[1]);
    const [only, ...others] = parseKeepalivedLog(text, last + 42).complaints;
    expect(others).to.deep.equal([]);
    expect(only).to.include({ kind: 'password', instance: 'VI_1', count: 6, agoS: 42 });
    const kinds = ['interval', 'count', 'foreign', 'version', 'script', 'interface'].map((name) =>
      [...new Set(parseKeepalivedLog(journal(name), NaN).complaints.map(({ kind }) => kind))].join(),
    );
    expect(kinds).to.deep.equal([
      'advert-interval',
      'address-count',
      'foreign-addresses',
      'version',
      'script',
      'interface',
    ]);
  });

  it('before its last start, and of what is over, no more', () => {
    const line = (at: number, text: string) => `${at}.500000 lb1 Keepalived_vrrp[7]: ${text}\n`;
    const again = `${journal('password')}${line(1796000000, 'Starting Keepalived v2.2.7 (01/16,2022)')}`;
    expect(parseKeepalivedLog(again, NaN).complaints).to.deep.equal([]);
    const mended = `${journal('script')}${line(1796000000, 'Script `chk` now returning 0')}`;
    expect(parseKeepalivedLog(mended, NaN).complaints).to.deep.equal([]);
    const quorum =
      line(1, 'Lost quorum 1-0=1 > 0 for VS [10.0.0.100]:tcp:80') +
      line(2, 'Removing service [10.0.0.11]:tcp:80 from VS [10.0.0.100]:tcp:80');
    expect(parseKeepalivedLog(quorum, 9).complaints.map(({ kind }) => kind)).to.deep.equal([
      'quorum-lost',
      'service-removed',
    ]);
    expect(
      parseKeepalivedLog(quorum + line(3, 'Gained quorum 1+0=1 <= 1 for VS [10.0.0.100]:tcp:80'), 9).complaints,
    ).to.have.length(1);
  });

  it('is nothing where there is no line', () => {
    expect(parseKeepalivedLog('', 5)).to.deep.equal({ transitions: [], complaints: [] });
    expect(parseKeepalivedLog('-- No entries --\n', 5)).to.not.have.property('sinceS');
  });

  it('of its configuration, each once', () => {
    expect(parseConfigTest(transcript('config-test-brace.txt', 'keepalived-2.2.7'))).to.deep.equal([
      "There are 2 missing '}'s or extra '{'s",
    ]);
    expect(
      parseConfigTest('Configuration file /etc/keepalived/keepalived.conf\nNOTICE: setting config option x\n'),
    ).to.deep.equal([]);
  });
});

describe('connection sync', () => {
  it('has daemons as ipvsadm of now and of before prints them', () => {
    const text =
      'master sync daemon (mcast=eth0, syncid=51, maxlen=1460, group=224.0.0.81, port=8848, ttl=1)\nbackup sync daemon (mcast=ens192.7, syncid=0)\n';
    expect(parseSyncDaemons(text)).to.deep.equal([
      { role: 'master', interface: 'eth0', id: 51 },
      { role: 'backup', interface: 'ens192.7', id: 0 },
    ]);
    expect(parseSyncDaemons('')).to.deep.equal([]);
  });

  it('has rows where somebody counted', () => {
    expect(parseSyncedRows('@rows 12 3\nmaster …\n', '@rows ')).to.deep.equal({ local: 12, synced: 3 });
    expect(parseSyncedRows('master …\n', '@rows ')).to.equal(undefined);
  });
});

describe('multicast groups', () => {
  it('are read by interface', () => {
    expect(parseIgmp(transcript('igmp.txt', 'keepalived-2.2.7'))).to.deep.equal([
      { interface: 'lo', group: '224.0.0.1' },
      { interface: 'eth0', group: '224.0.0.18' },
      { interface: 'eth0', group: '224.0.0.1' },
    ]);
    expect(parseIgmp6('2    eth0            ff020000000000000000000000000012     1 00000004 0\n')).to.deep.equal([
      { interface: 'eth0', group: 'ff02::12' },
    ]);
    expect(() => parseIgmp('nonsense\n')).to.throw(ParseError);
    expect(() => parseIgmp6('nonsense\n')).to.throw(ParseError);
  });
});
