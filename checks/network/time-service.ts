import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';

export const timeService = defineCheck({
  id: 'network/time-service',
  title: 'A service keeps the clock, and is synchronised',
  failureTitle: 'Nothing keeps the clock, or it is not synchronised',
  sees: ['time-sync-missing'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['clock'],
  doc: {
    why: 'Clocks that agree today drift apart by seconds a week when nothing keeps them.',
    byHand: ['chronyc tracking', 'timedatectl show -p NTPSynchronized', 'chronyc -n sources'],
    references: ['chronyc(1)', 'timedatectl(1)', 'systemd-timesyncd(8)'],
  },
  evaluate({ clock }, { host }, { evidence }) {
    if (host.role === 'client')
      return notApplicable(`${host.name} only sends load; its offset is judged by network/clock-offset`);
    const quoted = [evidence('clock')];
    const found = { source: clock.source, synchronised: clock.synchronised ?? null };
    const expected = { source: 'chrony, ntpd, systemd-timesyncd or the machine beneath', synchronised: true };
    if (clock.source === 'unknown') return cannotTell(`What keeps the clock of ${host.name} is not known`, quoted);
    // Whether that machine keeps time is not seen from within; network/clock-offset compares what comes of it.
    if (clock.source === 'host-machine') return pass(found, quoted);
    if (clock.source === 'none') {
      return fail({
        reason: `${host.name} runs no time service`,
        found,
        expected,
        evidence: quoted,
        remedy: {
          host: host.name,
          summary: 'Install and start chrony',
          commands: [
            'if command -v apt-get >/dev/null; then apt-get install -y chrony; else dnf install -y chrony; fi',
            'systemctl enable --now chrony || systemctl enable --now chronyd',
          ],
          undo: ['systemctl disable --now chrony || systemctl disable --now chronyd'],
        },
      });
    }
    if (clock.synchronised === undefined) {
      return cannotTell(`${host.name} runs ${clock.source}, which does not say whether it is synchronised`, quoted);
    }
    if (clock.synchronised) return pass(found, quoted);
    return fail({
      reason: `${host.name} runs ${clock.source}, which is not synchronised`,
      found,
      expected,
      evidence: quoted,
    });
  },
});
