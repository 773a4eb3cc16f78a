/** 负载下调度器的表现：分配份额、连接状态，以及采样的局限。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const distribution: Words['distribution'] = {
  title: '连接分配',
  bases: { 'director-counters': '依据调度器自身的计数器', 'client-answers': '依据客户端收到的应答' },
  methods: {
    exact: '精确界限',
    'chi-square': '卡方检验',
    'monte-carlo': '模拟',
    'by-hash': '按哈希计算',
    untestable: '无法检验',
  },
  notComputed: '未计算',
  largest: '最大偏差',
  method: '方法',
  judgedBy: '判定依据',
  effect: '效应量',
  label: (service) => `${service} 的份额`,
  realServer: '真实服务器',
  expected: '期望',
  allowed: '允许范围',
  observed: '实际',
  confidence: '置信区间',
  connections: '连接数',
  keyExpected: '期望',
  keyObserved: '实际',
  keyRange: '置信区间或允许范围',
  more: (n) => `另有 ${count(n)} 台，见 run.json`,
  sample: (unit, size, needed) => {
    const counted = unit === 'connection' ? `${count(size)} 个连接` : `${count(size)} 个源地址`;
    return needed === undefined ? counted : `${counted}，需要 ${count(needed)} 个`;
  },
  range: (low, high) => `${low} 至 ${high}`,
};

export const connections: Words['connections'] = {
  title: '连接状态随时间的变化',
  on: (host, resolution) => `位于 ${host}，${resolution}`,
  level: '全部，按内核计数',
  gap: '无样本',
  stuck: (n) => `${count(n)} 个连接停在 SYN_RECV`,
  more: (n) => `另有 ${count(n)} 台真实服务器仅列于表中`,
  peaks: '各状态的最大条目数',
  realServer: '真实服务器',
  stuckColumn: '超过 3 秒的 SYN_RECV',
  ends: '两端各自的计数',
  host: '主机',
  endColumns: ['发起', '接受', 'SYN 重发', '监听队列满', '发出 RST', '收到的包', '上交的包'],
  notRead: '未读取',
  wholeHost: '这是整台主机的内核计数：其他连接、健康检查和登录也包含在内。',
  chart: {
    summary: (destination, over, peaks, gaps) =>
      `${destination} 在 ${over} 内的连接：${peaks}；${count(gaps)} 段没有样本`,
    peak: (state, n) => `${state} 最多 ${count(n)}`,
    noSamples: (over, reason) => `${over} 没有样本：${reason}`,
    seconds: '负载时间（秒）',
    entries: '条目数',
  },
};

export const sampling: Words['sampling'] = {
  every: (interval) => `每 ${interval} 一次`,
  resolution: (median, longest) => `每 ${median} 一次，最长间隔 ${longest}`,
  samples: (n, often) => `${count(n)} 个样本，${often}`,
  levels: (interval) => `，条目总数每 ${interval} 一次`,
  cost: (share) => `；占单个 CPU 的 ${share}`,
  allowed: (share) => `，允许 ${share}`,
  partly: (entries, cost, host, read, times, states) =>
    `连接表最多有 ${count(entries)} 个条目。全部读取每次要占用 ${host} 的 CPU ${cost}，因此最多只读取前 ${count(read)} 个，共 ${count(times)} 次；${states}。条目按客户端地址和端口的哈希排列。`,
  resent: (destination, n, packets) =>
    `${destination}：${count(n)} 个处于 SYN_RECV 的连接，其定时器被重置 ${count(packets)} 次：SYN（在 NAT 下也可能是 SYN-ACK）重复到达。`,
  synced: (n) => `${count(n)} 个条目来自对端同步，未计入。`,
  restarted: (host) => `${host} 在负载期间重新启动过。`,
  noneOfService: '其中没有本服务的条目',
  shares: (list) => `最后一次读取中本服务各状态的占比：${list}`,
};
