/** 终端摘要中的标签。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const text: Words['text'] = {
  on: '位于',
  because: '依据',
  ruledOut: '已排除',
  explains: '解释了',
  mend: '处置',
  mendOn: (host) => `在 ${host} 上处置：`,
  asRoot: (what, host) => `${what}（在 ${host} 上以 root 执行）`,
  titled: (title, n) => `${title}：${count(n)}`,
  warnings: '警告',
  waived: '已豁免',
  notEvaluated: (n, of) => `未评估：${count(of)} 项检查中的 ${count(n)} 项`,
  labels: {
    shares: '份额',
    load: '负载',
    sampling: '采样',
    checks: '检查',
    cluster: '集群',
    stages: '阶段',
    result: '结果',
  },
  noteLabels: { 'left out': '未纳入', waivers: '豁免', profile: '级别' },
  shareOf: (name, observed, expected, n) => `${name} 实际 ${observed}，期望 ${expected}（${count(n)}）`,
  more: (n) => `另有 ${count(n)} 台`,
  by: (how) => `方法：${how}`,
  requests: (answered, requested, failed, unsent, rate) =>
    `${count(requested)} 个请求中 ${count(answered)} 个得到应答，${failed}${unsent > 0 ? `，${count(unsent)} 个没有发出` : ''}，${rate}`,
  failed: (n) => `${count(n)} 个失败`,
  connect: '连接',
  total: '总计',
  max: '最长',
  noSamples: (over, reason) => `${over} 没有样本：${reason}`,
  outcomeCount: (n, word) => `${count(n)} 项${word}`,
  nonePlanned: '没有计划任何检查',
  takeBack: (what, undo) => `${what}；撤销：${undo}`,
  exitCode: (code) => `（退出码 ${code}）`,
  moreInReport: (n) => `  另有 ${count(n)} 项，详见报告`,
  andMore: (names, n) => `${names} 等，另有 ${count(n)} 项`,
};
