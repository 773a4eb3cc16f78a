/** 简体中文。 */
import type { Words } from '../en/index.ts';
import { changes, inventory, method, signOff } from './appendix.ts';
import { checks, gates, trace } from './checks.ts';
import { failover } from './failover.ts';
import { glossary } from './glossary.ts';
import { load } from './load.ts';
import { findings, page, quotes, verdict } from './page.ts';
import { summary, units } from './summary.ts';
import { text } from './text.ts';
import { topology } from './topology.ts';
import { trend } from './trend.ts';
import { connections, distribution, sampling } from './traffic.ts';

export const zhCn: Words = {
  units,
  summary,
  page,
  verdict,
  findings,
  quotes,
  topology,
  gates,
  checks,
  failover,
  load,
  distribution,
  connections,
  sampling,
  trace,
  trend,
  changes,
  inventory,
  method,
  glossary,
  signOff,
  text,
};
