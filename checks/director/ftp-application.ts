import { quote } from '../quotation.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';

/** FTP names an address and port for its data inside the control connection; ip_vs_ftp rewrites them and expects them. */
export const ftpApplication = defineCheck({
  id: 'director/ftp-application',
  title: 'Kernel follows the data connections of FTP',
  failureTitle: 'Kernel does not follow the data connections of FTP',
  sees: ['ip-vs-ftp-missing'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director-service',
  requires: ['modules'],
  inapplicable: ({ service }) =>
    service.protocol === 'tcp' && service.forwarding === 'nat' && service.port === 21
      ? undefined
      : `${service.name} is no FTP service behind NAT`,
  doc: {
    why:
      'Login works and listing a directory hangs: the real server names its RIP for the data connection, where the client cannot ' +
      'go. A server told to name the VIP and a fixed range of ports, with a service for them, does without the module.',
    byHand: ['lsmod | grep ip_vs_ftp', 'cat /proc/net/ip_vs_app'],
    references: ['net/netfilter/ipvs/ip_vs_ftp.c', 'RFC 959, PASV'],
  },
  evaluate({ modules }, { host, service }, { evidence }) {
    const present = modules.present.includes('ip_vs_ftp');
    const quoted = [quote(evidence('modules'), 'ip_vs_ftp')];
    const found = { ip_vs_ftp: present };
    if (present) return pass(found, quoted);
    return fail({
      reason: `${host.name} has not loaded ip_vs_ftp: data connections of ${service.name} are not rewritten`,
      found,
      expected: { ip_vs_ftp: true },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: 'Load ip_vs_ftp',
        commands: ['modprobe ip_vs_ftp'],
        persistent: ['echo ip_vs_ftp > /etc/modules-load.d/ip_vs_ftp.conf'],
        undo: ['rm -f /etc/modules-load.d/ip_vs_ftp.conf', 'modprobe -r ip_vs_ftp'],
      },
    });
  },
});
