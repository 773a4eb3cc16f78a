/**
 * The HTML report of a large run: 50 hosts by 200 checks, and an hour of samples at one a second. Time to render it, size,
 * memory, and how long Chromium takes until the page can be used. No peer renders such a record, so there is none
 * beside it. On a machine where others work, times are theirs too: look at the load average.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { RunRecord } from '../lib/model/run-record.ts';
import { renderHtml } from '../reports/html/page.ts';
import { type BenchResult, rowOf, thisMachine } from './result.ts';
import { largeRun } from './report-record.ts';

const rounds = 7;
const executable = process.env['IPVET_CHROMIUM'] ?? '/usr/bin/chromium';

export async function reportBench(): Promise<BenchResult> {
  const record = largeRun();
  let page = renderHtml(record);
  const before = process.memoryUsage().rss;
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    page = renderHtml(record);
    seconds.push((performance.now() - startedAt) / 1000);
  }
  const grown = Math.max(0, process.memoryUsage().rss - before) / 2 ** 20;
  const bytes = Buffer.byteLength(page);
  const rows = [
    rowOf('render', 'ours', 's', seconds, whatIsIn(record)),
    rowOf('size', 'ours', 'bytes', [bytes]),
    rowOf('memory grown by', 'ours', 'MiB', [grown], `over ${rounds} renderings`),
    await interactive(page),
    crowded(),
  ];
  const [{ median }] = rows as [(typeof rows)[number]];
  return { name: 'report', machine: thisMachine(), rows, ratios: { seconds: median ?? 0, bytes } };
}

/**
 * Most memory in use while the report of 500 real servers is rendered, in a process of its own that may have 512 MiB of heap: one
 * that takes more ends there.
 */
function crowded(): ReturnType<typeof rowOf> {
  const program = `const { crowdedRun } = await import(${JSON.stringify(new URL('report-record.ts', import.meta.url).href)});
    const { renderHtml } = await import(${JSON.stringify(new URL('../reports/html/page.ts', import.meta.url).href)});
    const record = crowdedRun();
    const before = process.memoryUsage().rss;
    renderHtml(record);
    console.log((process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20);`;
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--max-old-space-size=512', '--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  const grown = Number(stdout.trim());
  return rowOf('500 real servers: most memory', 'ours', 'MiB', status === 0 ? [grown] : [], 'over that of the record');
}

function whatIsIn({ cluster, verdicts, samples }: RunRecord): string {
  const all = Object.values(samples).reduce((sum, one) => sum + one.samples.length, 0);
  return `${cluster.hosts.length} hosts, ${verdicts.length} verdicts, ${all} samples`;
}

/** From the request for the file until its script has run and a frame was drawn: filters, keys and links work from then on. */
async function interactive(page: string): Promise<ReturnType<typeof rowOf>> {
  if (!existsSync(executable)) return rowOf('interactive', 'ours', 's', [], `no ${executable}`);
  const directory = mkdtempSync(join(tmpdir(), 'ipvet-bench-'));
  const browser = await chromium.launch({
    executablePath: executable,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const file = join(directory, 'index.html');
    writeFileSync(file, page);
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await tab.goto(pathToFileURL(file).href);
      const ms = await tab.evaluate<number>(
        'new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))))',
      );
      seconds.push(ms / 1000);
      await tab.close();
    }
    return rowOf('interactive', 'ours', 's', seconds, `Chromium ${browser.version()}`);
  } finally {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
