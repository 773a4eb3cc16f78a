import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

export const ipVsModule = defineCheck({
  id: 'director/ip-vs-module',
  title: 'Kernel has IPVS',
  failureTitle: 'Kernel has no IPVS and cannot load it',
  sees: ['ip-vs-module-missing'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['ipvsSupport'],
  doc: {
    why:
      'A kernel built without CONFIG_IP_VS, a cloud image without its modules package, or a blacklisted module: ipvsadm says ' +
      '"Can\'t initialize ipvs: Protocol not available" and no service can be created.',
    byHand: ['cat /proc/net/ip_vs', 'modprobe -n -v ip_vs', 'modinfo ip_vs'],
    references: ['net/netfilter/ipvs/Kconfig', 'modprobe(8)'],
  },
  evaluate({ ipvsSupport }, { host }, { evidence }) {
    const quoted = [evidence('ipvsSupport')];
    const found = { loaded: ipvsSupport.loaded, loadable: ipvsSupport.loadable ?? null };
    if (ipvsSupport.loaded || ipvsSupport.loadable === true) return pass(found, quoted);
    if (ipvsSupport.loadable === undefined) {
      return cannotTell(
        `${host.name} has not loaded ip_vs, and could not say whether it can`,
        quoted,
        'Look at: modprobe -n -v ip_vs',
      );
    }
    return fail({
      reason: `${host.name} has not loaded ip_vs, and modprobe cannot load it`,
      found,
      expected: { loaded: true },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: 'Install the modules of the running kernel, then load ip_vs',
        commands: [
          'if command -v apt-get >/dev/null; then apt-get install -y "linux-image-$(uname -r)"; else dnf install -y "kernel-modules-$(uname -r)"; fi',
          'modprobe ip_vs',
        ],
        persistent: ['echo ip_vs > /etc/modules-load.d/ipvs.conf'],
        undo: ['rm -f /etc/modules-load.d/ipvs.conf', 'modprobe -r ip_vs'],
      },
    });
  },
});
