/** 结论、结果用语和摘要语句。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const units: Words['units'] = {
  minutes: (minutes, seconds) => `${minutes} 分 ${seconds} 秒`,
  hours: (hours, minutes) => `${hours} 小时 ${minutes} 分`,
  perSecond: (figure) => `${figure} 次/秒`,
};

export const summary: Words['summary'] = {
  outcomes: {
    fail: '未通过',
    error: '无法判断',
    'not-run': '未执行',
    warn: '警告',
    waived: '已豁免',
    pass: '通过',
    'not-applicable': '不适用',
  },
  verdicts: { pass: '通过', fail: '未通过', inconclusive: '无法判定' },
  interruptions: {
    signal: '本次运行被提前终止。',
    'internal-error': 'ipvet 自身先于运行结束而退出。',
    storage: '运行结果无法继续写入存储。',
    refused: '已拒绝：',
    unguarded: '所做的变更失去守护，运行因此终止。',
  },
  certainty: { certain: '确定', likely: '很可能', possible: '可能' },
  roles: { director: '调度器', 'real-server': '真实服务器', client: '客户端' },
  checks: (n) => `${count(n)} 项检查`,
  cluster: '集群',
  theCluster: '集群',
  place: (host, service) =>
    [...(host === undefined ? [] : [host]), ...(service === undefined ? [] : [`服务 ${service}`])].join('，'),
  and: (names) => names.join('，'),
  ended: (text) => (/[.!?。！？]$/.test(text) ? text : /\p{ASCII}$/u.test(text) ? `${text}.` : `${text}。`),
  notKnown: '集群是否已恢复原状在此无从得知：恢复工作已交给各主机上的守护程序。',
  notAsFound: '集群没有恢复到运行前的状态。',
  allPassed: (n) => `适用的 ${count(n)} 项检查全部通过`,
  somePassed: (passed, of) => `${count(of)} 项检查中有 ${count(passed)} 项通过`,
  warnings: (n) => `${count(n)} 项警告`,
  waivedFailures: (n) => `${count(n)} 项失败已由集群文件豁免`,
  skippedByFlag: (n) => `${count(n)} 项检查被 --skip 跳过`,
  failedUnexplained: '运行未通过，但没有检查说明原因',
  moreFailed: (n) => `（另有 ${count(n)} 项检查未通过）`,
  nothingEvaluated: (told) => `没有评估任何内容${told}`,
  noVerdict: (told) => `本次运行没有结论${told}`,
  notEvaluated: (n, of, why) => `${count(of)} 项检查中有 ${count(n)} 项未评估${why}`,
  drills: {
    cameBack: (n) => (n === 1 ? '演练中服务已恢复' : `${count(n)} 次演练中服务均已恢复`),
    unlike: (text, n) => `${text}，其中 ${count(n)} 次不符合预测`,
    lost: '服务没有恢复',
    failed: (scenario, why) => `${scenario}：${why}`,
    notDone: (scenario, reason) => `${scenario} 未进行：${reason}`,
    noMore: (n, told) => `做了 ${count(n)} 次演练，之后没有继续${told}`,
    undecided: (n, why) => `做了 ${count(n)} 次演练，没有结论${why}`,
  },
  told: (message) => `：${message}`,
  noReason: '没有记录原因',
  restored: {
    leftToGuards: (left, hosts) => `在此无从得知：${count(left)} 处变更交由 ${hosts} 上的守护程序撤销`,
    notRestored: (left) => `未恢复：集群上仍有 ${count(left)} 处变更`,
    nothing: '没有做任何变更',
    compared: (hosts) => `；已比对 ${hosts}，与运行前一致`,
    restored: (n) => `已恢复：做了 ${count(n)} 处变更，均已撤销`,
  },
  guards: {
    thisRun: '本次运行',
    otherRun: (id) => `被中断的运行 ${id}`,
    tookBack: (whose, log) => `已自行撤销${whose}所做的变更：${log}`,
    stillLocked:
      '在运行结束时仍被锁定：其守护程序会在 30 秒内撤销剩余变更，记录届时位于该主机的 /var/tmp/ipvet.restored/log',
  },
  planNoteTitles: { 'left out': '未纳入', waivers: '豁免', profile: '检查级别' },
  plan: {
    mandatory: (check) => `${check}（必检）`,
    skipped: (n, names) => `${count(n)} 项检查被 --skip 跳过：${names}`,
    minimal: (n) => `集群文件的检查级别为 minimal，因此略去 ${count(n)} 项建议性检查`,
    strict: '集群文件的检查级别为 strict：建议性检查按必检处理',
    unusedWaiver: (check, hosts, why, expires, noSubject) =>
      `${hosts === '' ? '' : `${hosts} 上`}对 ${check} 的豁免（${why}${expires === undefined ? '' : `；有效期至 ${expires}`}）没有豁免任何内容：${noSubject ? '该检查在此没有对象' : '没有失败项'}；请将其删除`,
  },
  failedTitle: (explained) => (explained ? '未通过，且上文未能解释' : '未通过'),
  of: (n, all) => `${count(n)}/${count(all)}`,
};
