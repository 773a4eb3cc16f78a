/** 本集群最近的运行。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const trend: Words['trend'] = {
  title: '趋势',
  intro: (n) => `在本次运行旁找到的本集群最近 ${count(n)} 次运行，由早到晚。`,
  columns: ['运行', '开始时间', '结论', '未通过', '未评估', '负载', '速率', 'p50', 'p99', '失败率'],
  none: '无',
  ofLoad: (service, profile) => `${service}（${profile}）`,
  checks: '未通过与未评估',
  failed: '未通过',
  notEvaluated: '未评估',
  latency: (load) => `${load} 的时延`,
  runs: '各次运行，最后为本次',
  number: '检查数',
  checksSummary: (runs, failed, open) =>
    `${count(runs)} 次运行中未通过与未评估的检查：最近一次为 ${count(failed)} 与 ${count(open)}。下表列出全部。`,
  latencySummary: (load, runs, p50, p99) =>
    `${load} 在 ${count(runs)} 次运行中的时延：最近一次 p50 ${p50}，p99 ${p99}。下表列出全部。`,
};
