/** 门禁、检查矩阵、全部检查与诊断过程。 */
import type { Severity, Stage } from '../../../lib/model/check.ts';
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

const stages: Readonly<Record<Stage, string>> = { pre: '前置条件', post: '规则就位', traffic: '负载' };
const severities: Readonly<Record<Severity, string>> = { mandatory: '必检', recommended: '建议' };

export const gates: Words['gates'] = {
  title: '门禁与阈值',
  label: '门禁',
  columns: ['门禁', '结果', '通过', '未通过', '已豁免', '未评估', '不适用'],
  pre: '前置条件（必检）',
  post: '规则就位（必检）',
  traffic: '负载之下（必检）',
  recommended: '建议性检查（仅警告）',
  drills: '故障切换演练',
  restored: '集群恢复原状',
  none: '没有可判定的内容',
  open: '未定',
  thresholds: '集群文件中的阈值',
  thresholdColumns: ['虚拟服务', '指标', '实测', '阈值', '结果'],
  noThresholds: '集群文件没有为本次负载设置阈值。',
  noSample: '无样本',
  atMost: (limit) => `不高于 ${limit}`,
  atLeast: (limit) => `不低于 ${limit}`,
};

export const checks: Words['checks'] = {
  title: '主机与检查',
  intro: '点击单元格可查看实际值、期望值、命令及其输出和处置方法。',
  keys: '方向键在单元格之间移动，回车键打开。',
  show: '显示',
  host: '主机',
  all: '全部',
  search: '搜索',
  trouble: '只看问题',
  worstFirst: '问题优先',
  shownTemplates: { one: '显示 {n} 项检查', many: '显示 {n} 项检查' },
  cells: {
    pass: '通过',
    fail: '失败',
    warn: '警告',
    error: '不明',
    'not-run': '未执行',
    waived: '豁免',
    'not-applicable': '不适用',
  },
  folders: {
    director: '调度器',
    'real-server': '真实服务器',
    'virtual-service': '虚拟服务',
    client: '客户端',
    network: '网络',
    traffic: '负载之下',
    ha: '高可用',
    custom: '自定义检查',
    suite: '自定义套件',
  },
  details: {
    title: '全部检查',
    intro: '实际值与期望值、原因、所用命令以及处置方法。',
    printed: '通过或不适用的检查列在上面的矩阵中；判定依据见 HTML 文件。',
    compact: (n) => `共 ${count(n)} 项检查，因此通过的检查各占一行；主机的原始输出见 run.json。`,
    passed: (n) => `${count(n)} 项通过`,
    notApplicable: (n) => `${count(n)} 项不适用`,
    facts: (severity, stage, took) => `${severities[severity]}，阶段：${stages[stage]}，耗时 ${took}`,
    link: '此项链接',
  },
};

export const trace: Words['trace'] = {
  title: '诊断过程',
  nothing: '没有失败项，因此没有查找原因。',
  notLooked: '有检查未通过，但没有施加负载，或没有规则能够解释：未给出原因。',
  failed: (n) => `${count(n)} 项检查未通过或有警告。考虑过以下原因，可能性最大的在前：`,
  label: '考虑过的原因',
  columns: ['原因', '结论', '依据'],
  ruledIn: (certainty) => `成立，${certainty}`,
  ruledOut: '已排除',
  unexplained: (n) => `没有原因能够解释的 ${count(n)} 项未通过检查：`,
};
