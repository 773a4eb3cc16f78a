import { quote } from '../quotation.ts';
import { forgetSysctl, setSysctl } from '../remedies.ts';
import { defineCheck, fail, pass } from '../../lib/model/check.ts';

const key = 'net.ipv4.tcp_tw_recycle';

export const timeWaitRecycling = defineCheck({
  id: 'real-server/time-wait-recycling',
  title: 'Real server does not recycle connections by time stamps',
  failureTitle: 'Real server drops handshakes of clients that share an address',
  sees: ['rs-tw-recycle'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server',
  requires: ['sysctl'],
  doc: {
    why:
      'With tcp_tw_recycle the kernel drops the SYN of whoever seems to have gone back in time, and clients behind one address ' +
      'have clocks of their own: some of them time out now and then. Linux has had no such setting since 4.12.',
    byHand: [`sysctl ${key}`, 'nstat -az TcpExtPAWSPassive'],
    references: ['Linux commit 4396e46187ca (tcp: remove tcp_tw_recycle)', 'tcp(7)'],
  },
  evaluate({ sysctl }, { host }, { evidence }) {
    const value = sysctl[key];
    if (value === undefined) return pass({ [key]: 'not in this kernel' }, [evidence('sysctl')]);
    const quoted = [quote(evidence('sysctl'), key)];
    if (value === '0') return pass({ [key]: value }, quoted);
    const remedy = setSysctl(host.name, 'Recycle nothing by time stamps', key, '0', value);
    return fail({
      reason: `${host.name} has ${key}=${value}: of clients behind one address it drops those whose clock is behind another one's`,
      found: { [key]: value },
      expected: { [key]: '0' },
      evidence: quoted,
      remedy: { ...remedy, persistent: [...forgetSysctl(key), ...(remedy.persistent ?? [])] },
    });
  },
});
