/** A cluster file is data: nothing in it becomes an option of a program, a path or an escape sequence. */
import { expect } from 'chai';

import { natText, problemsOf } from './cluster-text.ts';

const refused: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'a login user that is an option of ssh': ['user: ops', 'user: "-oProxyCommand=touch /tmp/pwned"'],
  'a login user with a line of its own': ['user: ops', 'user: "ops\\nProxyCommand=x"'],
  'a host that is an option of ssh': ['host: lb1.mgmt', 'host: "-oProxyCommand=touch${IFS}/tmp/pwned"'],
  'a host with a blank': ['host: lb1.mgmt', 'host: "lb1 -oProxyCommand=x"'],
  'a host with an escape': ['host: lb1.mgmt', 'host: "lb1\\e[31m"'],
  'a host written right to left': ['host: lb1.mgmt', 'host: "lb1\\u202egmgm"'],
  'a jump that is no host': ['jump: director1', 'jump: "-J evil"'],
  'a namespace that is a path': ['host: localhost, cip', 'host: localhost, netns: "../../x", cip'],
  'a namespace that is an option': ['host: localhost, cip', 'host: localhost, netns: "-all", cip'],
  'a name in DNS that is an option': ['name: www.example.com', 'name: "-f/etc/shadow"'],
  'a name in DNS with a header': ['name: www.example.com', 'name: "www\\r\\nX-Evil: 1"'],
  'a name of a host with markup': ['name: rs2', 'name: "<script>"'],
  'a name of a service with a path': ['name: web', 'name: "../web"'],
  'a path with a line of its own': ['http: /', 'http: "/\\r\\nX-Evil: 1"'],
  'a header that is two': ['header: X-Real-Server', 'header: "X-Real-Server: x\\r\\nX-Evil"'],
  'an interface with a blank': ['interface: eth1', 'interface: "eth1; reboot"'],
  'a VIP that is a command': ['vip: 192.168.122.100', 'vip: "$(reboot)"'],
  'a scheduler that is an option': ['scheduler: rr', 'scheduler: "-D"'],
};

describe('a hostile cluster file', () => {
  for (const [what, [from, to]] of Object.entries(refused)) {
    it(`is refused with the line, and shown without being obeyed: ${what}`, () => {
      const text = natText.replace(from, to);
      expect(text).to.not.equal(natText);
      const problems = problemsOf(text);
      expect(problems).to.not.be.empty;
      expect(problems[0]?.line).to.be.above(0);
    });
  }

  it('may have what is only data: a path with a command in it, an address with a user', () => {
    expect(problemsOf(natText.replace('http: /', "http: '/$(reboot)'"))).to.deep.equal([]);
    expect(problemsOf(natText.replace('host: lb1.mgmt', 'host: ops@lb1.mgmt'))).to.deep.equal([]);
    expect(problemsOf(natText.replace('interface: eth1', "interface: '$(reboot)'"))).to.deep.equal([]);
  });
});
