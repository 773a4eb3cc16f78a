/** 集群示意图。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const topology: Words['topology'] = {
  title: '请求的走向',
  service: (name) => `虚拟服务 ${name}`,
  summary: (vip, method, servers, broken) =>
    `以 ${method} 方式转发的虚拟服务：客户端、VIP ${vip}、调度器和 ${count(servers)} 台真实服务器；${broken === 0 ? '没有已知的故障点' : `有 ${count(broken)} 处故障，以红色叉号标出`}。下方表格用文字说明同样的内容。`,
  client: '客户端',
  director: '调度器',
  standby: '本次负载未经过此调度器',
  clients: (n) => `另有 ${count(n)} 个客户端`,
  directors: (n) => `另有 ${count(n)} 台调度器`,
  weight: (weight) => `权重 ${count(weight)}`,
  quiesced: '权重 0，已静默',
  requests: (n) => `${count(n)} 个请求`,
  sent: (n) => `分配 ${count(n)}`,
  answered: (n) => `应答 ${count(n)}`,
  unobserved: '未观察到流量',
  idle: '没有分到连接',
  straight: '应答直接返回客户端，不经过调度器',
  back: '应答经调度器返回',
  notDirector: '不是应走的路径',
  group: (n) => `${count(n)} 台真实服务器`,
  to: (first, last) => `${first} … ${last}`,
  legend: {
    request: '请求，线宽表示所占份额',
    expected: '应答应走的路径',
    observed: '实际观察到的应答',
    broken: '此处中断',
  },
  inWords: '用文字说明此图',
  columns: ['真实服务器', '分配的连接', '份额', '应答', '内核给出的回程路由', '观察结果'],
  seen: {
    answers: '正常应答',
    partly: '部分应答',
    lost: '完全没有应答',
    idle: '没有分到连接',
    unobserved: '未观察',
  },
  more: (n) => `另有 ${count(n)} 台，见 run.json`,
  moreServices: (n) => `另有 ${count(n)} 个虚拟服务，见清单`,
};
