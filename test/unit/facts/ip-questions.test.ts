/** What one ip process says to all questions of a host. */
import { spawnSync } from 'node:child_process';

import { expect } from 'chai';

import { addresses } from '../../../lib/facts/addresses.ts';
import { Unanswered } from '../../../lib/facts/collector.ts';
import { askIp, ipAnswers, type IpQuestion } from '../../../lib/facts/ip-questions.ts';
import { links } from '../../../lib/facts/links.ts';
import { neighbours } from '../../../lib/facts/neighbours.ts';
import { routes } from '../../../lib/facts/routes.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from '../parse/transcript.ts';
import { aSection, someQuestions } from './a-section.ts';

const questions: readonly IpQuestion[] = transcript('ip-batch.txt')
  .trim()
  .split('\n')
  .map((words) => ({ words }));
const text = transcript('ip-d-j-batch.txt');
const stderr = transcript('ip-d-j-batch.stderr.txt');
const from = '192.168.122.100';
const routesTo = [
  { destination: '172.16.0.2', from },
  { destination: '172.16.0.2', from: '9.9.9.9' },
  { destination: '203.0.113.1', from },
  { destination: '2001:db8::7', from: '2001:db8::99' },
  { destination: '198.51.100.1' },
];

describe('questions to ip', () => {
  it('are each matched with their answer or refusal', () => {
    const section = aSection({ ip: ipAnswers({ text, cut: false }, stderr, questions) });
    expect(addresses.parse(section, someQuestions())).to.have.length(9);
    expect(links.parse(section, someQuestions())).to.have.length(6);
    expect(neighbours.parse(section, someQuestions())).to.have.length(2);
    expect(routes.parse(section, someQuestions({ routesTo })).map(({ outcome }) => outcome)).to.deep.equal([
      'unicast',
      'source-not-local',
      'blackhole',
      'source-not-local',
      'unicast',
    ]);
  });

  it('are the same words whoever asks', () => {
    expect(routes.ip?.(someQuestions({ routesTo })).map(({ words }) => words)).to.include.members(
      questions.map(({ words }) => words).filter((words) => words.startsWith('route')),
    );
    expect(links.ip?.(someQuestions())).to.deep.equal(addresses.ip?.(someQuestions()));
  });

  it('keep the answers before the place where they were cut off', () => {
    const cut = text.split('\n').slice(0, 2).join('\n').slice(0, -20);
    const section = aSection({ ip: ipAnswers({ text: cut, cut: true }, stderr, questions) });
    expect(links.parse(section, someQuestions())).to.have.length(6);
    expect(() => neighbours.parse(section, someQuestions()))
      .to.throw(Unanswered)
      .with.property('reason', 'unparsable');
  });

  it('have no answer where the answers do not add up, or nothing answers', () => {
    const unclear = aSection({ ip: ipAnswers({ text, cut: false }, '', questions) });
    expect(() => links.parse(unclear, someQuestions())).to.throw(ParseError);
    const silent = aSection({ ip: ipAnswers({ text: '', cut: false }, 'Cannot open netlink socket\n', questions) });
    expect(() => links.parse(silent, someQuestions()))
      .to.throw(Unanswered, 'Cannot open netlink socket')
      .with.property('reason', 'command-failed');
  });

  it('are put one by one to an ip without JSON, and to no other', () => {
    const asked = askIp([{ words: 'addr' }, { words: 'route get 192.0.2.1' }]);
    const run = (ip: string) => {
      const { stdout, status } = spawnSync('sh', ['-c', `has() { :; }\nip() { ${ip}\n}\n${asked}`], {
        encoding: 'utf8',
      });
      return { kinds: [...ipAnswers({ text: stdout, cut: false }, '', [{ words: 'addr' }]).values()], status };
    };
    const old = 'case $1 in -o) echo "1: lo" ;; -V) echo ip ;; *) echo "Option -j is unknown" >&2; return 255 ;; esac';
    expect(run(old)).to.deep.equal({ kinds: [{ words: 'addr', kind: 'text', output: '1: lo' }], status: 0 });
    const busybox = 'case $1 in -o) echo "1: lo" ;; *) echo usage >&2; return 1 ;; esac';
    expect(run(busybox)).to.deep.equal({ kinds: [{ words: 'addr', kind: 'text', output: '1: lo' }], status: 0 });
    expect(run('[ "$1" = -d ] || exit 9; echo "[]"; return 1')).to.deep.equal({
      kinds: [{ words: 'addr', kind: 'json', output: '[]' }],
      status: 1,
    });
    expect(run('return 127').status).to.equal(127);
  });
});
