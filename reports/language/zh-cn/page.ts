/** 页首、问题和主机原始输出。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const page: Words['page'] = {
  code: 'zh-CN',
  skip: '跳到发现的问题',
  parts: '报告各部分',
  nav: {
    findings: '发现的问题',
    topology: '拓扑',
    'not-evaluated': '未评估',
    gates: '门禁',
    failover: '故障切换',
    checks: '主机与检查',
    load: '负载',
    distribution: '分配',
    connections: '连接',
    trend: '趋势',
    trace: '诊断',
    changes: '变更',
    details: '全部检查',
    inventory: '清单',
    method: '方法',
    glossary: '术语',
    'sign-off': '签署',
  },
  theme: { label: '主题', auto: '跟随系统', light: '浅色', dark: '深色' },
  zoom: {
    out: '显示全部',
    keys: '横向拖动可放大，双击显示全部；方向键移动游标，+ 和 - 缩放，Esc 显示全部。',
    short: '在图上横向拖动可放大，双击显示全部。',
  },
  copy: { copy: '复制', copied: '已复制', byHand: '请按 Ctrl-C' },
};

export const verdict: Words['verdict'] = {
  outcomes: '各结果的检查数',
  none: '没有计划任何检查',
  takeBack: { what: '集群没有恢复到运行前的状态。', how: '请手工撤销以下变更：' },
  facts: { cluster: '集群', started: '开始时间', took: '耗时', run: '运行编号', tool: '工具' },
  restored: '集群已恢复',
  yes: '是',
  no: '否',
  notKnown: '在此无从得知',
  tool: (version, exitCode) => `ipvet ${version}，退出码 ${exitCode}`,
};

export const findings: Words['findings'] = {
  title: '发现的问题',
  none: '没有发现问题。',
  on: '位于',
  certainty: '确定程度',
  impact: '影响',
  because: '依据',
  evidence: '证据',
  ruledOut: (n) => `已排除：${count(n)} 项`,
  explains: (n) => `解释了 ${count(n)} 项未通过的检查`,
  moreImpact: (n) => `另有 ${count(n)} 项检查未通过`,
  failed: '未通过的检查',
  failedUnexplained: '未通过且上述原因不能解释的检查',
  warnings: '警告',
  waived: '未通过，已由集群文件豁免',
  onHostAsRoot: (host) => `在 ${host} 上以 root 执行：`,
  more: (n) => `另有 ${count(n)} 项，见下文“全部检查”`,
  open: {
    title: (open, all) => `未评估：${count(all)} 项检查中的 ${count(open)} 项`,
    why: '这些项目是否正常尚不清楚，既不算通过，也不算未通过。',
  },
};

export const quotes: Words['quotes'] = {
  exitCode: (code) => `退出码 ${code}`,
  noOutput: '无输出',
  remedy: '处置',
  onAsRoot: (host) => `在 ${host} 上以 root 执行`,
  now: '立即生效的命令',
  persistent: '使其在重启后仍然有效',
  persistentCommands: '重启后仍有效的命令',
  undo: '撤销',
  undoCommands: '撤销用的命令',
  both: '实际值与期望值',
  found: '实际值',
  expected: '期望值',
};
