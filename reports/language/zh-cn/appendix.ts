/** 变更、清单、方法与局限、签署。 */
import type { Words } from '../en/index.ts';
import { count } from '../../numbers.ts';

export const changes: Words['changes'] = {
  title: '对集群所做的变更',
  nothing: '没有改动任何主机。',
  columns: ['主机', '内容', '撤销命令', '是否已撤销'],
};

export const inventory: Words['inventory'] = {
  title: '清单',
  hosts: '主机',
  hostColumns: ['主机', '角色', '地址', '系统', '是否可达'],
  kernel: (version) => `内核 ${version}`,
  notContacted: '未联系',
  as: (user) => `用户 ${user}`,
  factsIn: (took) => `采集耗时 ${took}`,
  services: '虚拟服务',
  serviceColumns: ['虚拟服务', 'VIP', '转发方式', '真实服务器'],
  weight: (weight) => `权重 ${count(weight)}`,
};

export const method: Words['method'] = {
  title: '方法与局限',
  stages: '各阶段耗时',
  notApplicable: '在此不适用的检查：',
  several: (n) => `（${count(n)} 项检查）`,
  nonePlanned: '没有计划任何检查。',
  allAnswered: (n) => `计划的 ${count(n)} 项检查均已得出结果。`,
  unanswered: (open, all) => `计划的 ${count(all)} 项检查中有 ${count(open)} 项没有结果，既不算通过，也不算未通过。`,
  once: '每台主机的信息在一次往返中采集，之后再作判定；运行期间主机上的变化不会被看到。',
  table: (service, host, resolution, lost) =>
    `${service}：整体读取 ${host} 的连接表：${resolution}${lost === undefined ? '' : `；有 ${lost} 没有样本，不作补插`}。持续时间短于采样间隔的状态可能看不到。`,
  times: (service, engine, cpu, delay) =>
    `${service}：时间均由客户端测得（引擎 ${engine}），百分位保留三位有效数字。客户端占用单个 CPU 的 ${cpu}，其自身延迟的 p99 为 ${delay}：低于此值的时延属于客户端自身。`,
  closedLoop: '新请求须等待空位，因此集群变慢时每秒请求数随之减少；百分位只统计已发出的请求。',
  beginnings: '较长的输出在此只显示开头；完整内容见同目录的 run.json。',
  clocks: (hosts, offset, error) =>
    `${count(hosts)} 台主机的时钟与运行本工具的机器作了比较：最大偏差 ${offset}，误差 ± ${error}。`,
  language: '检查与诊断的文字按原文（英文）引用；主机的输出照原样引用。',
};

export const signOff: Words['signOff'] = {
  title: '签署',
  roles: ['测试人', '验收人'],
  columns: ['姓名', '日期', '签名'],
  text: (cluster, run, started) => `集群 ${cluster}，运行 ${run}，时间 ${started}：`,
  notRestored: '，集群未恢复',
};
