import { expect } from 'chai';
import { parseCluster } from '../../../lib/config/load.ts';
import { natText, problemsOf, today, underlined } from './cluster-text.ts';

const withPower = (power: string): string =>
  natText.replace('vip_interface: eth0 }', `vip_interface: eth0, power: ${power} }`);

describe('how the power of a director is cut, in the cluster file', () => {
  it('is a line of sh or words, and nothing where the file says nothing', () => {
    const { directors } = parseCluster(
      withPower(`{ off: 'ipmitool -E -H bmc1 chassis power off', on: [wake, bmc1] }`),
      'c.yaml',
      {
        today,
      },
    );
    expect(directors[0]?.power).to.deep.equal({
      off: ['sh', '-c', 'ipmitool -E -H bmc1 chassis power off'],
      on: ['wake', 'bmc1'],
    });
    expect(parseCluster(natText, 'c.yaml', { today }).directors[0]).not.to.have.property('power');
  });

  it('is both or none, and said with its line where it is not', () => {
    const [problem] = problemsOf(withPower('{ off: ipmitool }'));
    expect(problem?.message).to.equal('`power` has no `on`');
    expect(problem?.line).to.equal(6);
    expect(problemsOf(withPower('{ off: a, on: b, reset: c }'))[0]?.message).to.contain(
      'unknown key `reset` in `power`',
    );
    const [empty] = problemsOf(withPower(`{ off: ' ', on: [b] }`));
    expect(empty?.message).to.equal('the command is empty');
    expect(empty === undefined ? '' : underlined(empty)).to.equal(`' '`);
    expect(problemsOf(withPower('{ off: a, on: [] }'))).to.have.length(1);
  });

  it('is for directors', () => {
    const text = natText.replace('rip: 10.10.10.20 }', 'rip: 10.10.10.20, power: { off: a, on: b } }');
    expect(problemsOf(text)[0]?.message).to.contain('unknown key `power`');
  });
});
