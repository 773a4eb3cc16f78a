/** The same ten questions as pytest-testinfra and as Ansible would have them, asked of every host. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SshdHosts, folderIn } from './fanout-hosts.ts';

/** Ten things that `ipvet check` judges too, in testinfra's words. The last ones only look: hosts differ in what they have. */
const testinfraText = `
def test_hostname(host):
    assert host.run("hostname").stdout.strip().startswith("host")

def test_rip(host):
    assert any(a.startswith("10.99.0.") for a in host.interface("eth0").addresses)

def test_reply_route(host):
    assert host.run("ip route get ${SshdHosts.clientAddress}").rc == 0

def test_arp_ignore(host):
    assert host.sysctl("net.ipv4.conf.all.arp_ignore") in (0, 1, 2)

def test_arp_announce(host):
    assert host.sysctl("net.ipv4.conf.all.arp_announce") in (0, 1, 2)

def test_rp_filter(host):
    assert host.sysctl("net.ipv4.conf.all.rp_filter") in (0, 1, 2)

def test_hosts_file(host):
    assert host.file("/etc/hosts").contains("host0")

def test_ssh_listens(host):
    assert host.socket("tcp://22").is_listening

def test_persistent_sysctl(host):
    assert host.run("grep -rh arp_ /etc/sysctl.conf /etc/sysctl.d").rc in (0, 1, 2)

def test_clock(host):
    assert abs(int(host.run("date +%s").stdout) - __import__("time").time()) < 30
`;

const playbookText = `
- hosts: all
  gather_facts: false
  tasks:
    - {name: hostname, ansible.builtin.command: hostname, register: r, changed_when: false, failed_when: "'host' not in r.stdout"}
    - {name: rip, ansible.builtin.command: ip -o -4 addr show dev eth0, register: r, changed_when: false, failed_when: "'10.99.0.' not in r.stdout"}
    - {name: reply route, ansible.builtin.command: ip route get ${SshdHosts.clientAddress}, changed_when: false}
    - {name: arp_ignore, ansible.builtin.command: sysctl -n net.ipv4.conf.all.arp_ignore, changed_when: false}
    - {name: arp_announce, ansible.builtin.command: sysctl -n net.ipv4.conf.all.arp_announce, changed_when: false}
    - {name: rp_filter, ansible.builtin.command: sysctl -n net.ipv4.conf.all.rp_filter, changed_when: false}
    - {name: hosts file, ansible.builtin.command: grep host0 /etc/hosts, changed_when: false}
    - {name: ssh listens, ansible.builtin.command: ss -Hltn, register: r, changed_when: false, failed_when: "':22' not in r.stdout"}
    - {name: persistent sysctl, ansible.builtin.command: grep -rh arp_ /etc/sysctl.conf /etc/sysctl.d, register: r, changed_when: false, failed_when: r.rc > 2}
    - {name: clock, ansible.builtin.command: date +%s, changed_when: false}
`;

/** argv of pytest with testinfra, as many processes as cores. */
export function testinfraArgv({ dir, names, configFile }: SshdHosts, cores: number): readonly string[] {
  const folder = folderIn(dir, 'testinfra');
  writeFileSync(path.join(folder, 'test_hosts.py'), testinfraText);
  return [
    ...['py.test-3', '-q', '-p', 'no:cacheprovider', '-n', String(cores), `--ssh-config=${configFile}`],
    ...[`--hosts=${names.map((name) => `ssh://${name}`).join(',')}`, path.join(folder, 'test_hosts.py')],
  ];
}

/** argv of ansible-playbook, a fork for each host. */
export function ansibleArgv({ dir, names, configFile }: SshdHosts): readonly string[] {
  const folder = folderIn(dir, 'ansible');
  const [inventory, playbook] = ['inventory.ini', 'playbook.yml'].map((name) => path.join(folder, name));
  writeFileSync(inventory ?? '', `${names.join('\n')}\n`);
  writeFileSync(playbook ?? '', playbookText);
  return [
    ...['ansible-playbook', '-i', inventory ?? '', '--forks', String(names.length)],
    ...['--ssh-common-args', `-F ${configFile}`, playbook ?? ''],
  ];
}
