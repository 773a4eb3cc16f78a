import type { LoadProfileEntry } from '../model/cluster-file.ts';
import { metricNames, runningMetrics, unitOf } from '../model/metrics.ts';
import { smoke } from './defaults.ts';
import { entries, type Loose, type LooseFile, mustExist, type Report } from './rule.ts';
import { durationMs, limitForms, limitValue } from './units.ts';
import type { Path } from './source.ts';

/** A timer holds no longer than this (setTimeout, 2^31 ms, is a little more). */
const LONGEST_MS = 24 * 3_600_000;

/** Load profiles, and thresholds on their results. */
export function loadRules(file: LooseFile, report: Report): void {
  profileRules(file, report);
  thresholdRules(file, report);
  if (file.ha?.advert_int !== undefined) durationRule(report, ['ha', 'advert_int'], file.ha.advert_int);
}

function profileRules(file: LooseFile, report: Report): void {
  for (const [name, profile] of Object.entries(file.load?.profiles ?? {})) {
    if (profile === undefined) continue;
    const path = ['load', 'profiles', name];
    const openLoop = profile.rate !== undefined || profile.stages !== undefined;
    const requests = profile.requests ?? (openLoop ? Infinity : smoke.requests);
    if (profile.concurrency !== undefined && profile.concurrency > requests)
      report(
        [...path, 'concurrency'],
        `${profile.concurrency} at a time is more than all ${requests} requests`,
        'raise `requests` or lower `concurrency`',
      );
    for (const key of ['timeout', 'time_limit'] as const) {
      const text = profile[key];
      if (text !== undefined) durationRule(report, [...path, key], text);
    }
    openLoopRules(profile, path, report);
    capacityRules(profile, path, report);
  }
}

function openLoopRules(profile: Loose<LoadProfileEntry>, path: Path, report: Report): void {
  if (profile.rate !== undefined && profile.stages !== undefined)
    report([...path, 'stages'], 'a load profile has `rate` or `stages`, not both', 'keep one of the two', 'key');
  if (profile.arrivals !== undefined && profile.rate === undefined && profile.stages === undefined)
    report([...path, 'arrivals'], '`arrivals` goes with `rate` or `stages`', 'add one of them', 'key');
  for (const { entry, path: at } of entries(profile.stages, [...path, 'stages']))
    if (entry.for !== undefined) durationRule(report, [...at, 'for'], entry.for);
  if (profile.mode !== 'keepalive') return;
  for (const key of ['rate', 'stages', 'requests_per_connection', 'threads'] as const)
    if (profile[key] !== undefined)
      report(
        [...path, key],
        `mode keepalive has no \`${key}\``,
        'use mode: ab, which may send many requests per connection',
        'key',
      );
}

function capacityRules(profile: Loose<LoadProfileEntry>, path: Path, report: Report): void {
  const { capacity, mode } = profile;
  if (capacity !== undefined && mode !== 'capacity')
    report([...path, 'capacity'], '`capacity` goes with `mode: capacity`', 'add it, or remove `capacity`', 'key');
  if (mode === 'capacity')
    for (const key of ['rate', 'stages', 'requests', 'time_limit'] as const)
      if (profile[key] !== undefined)
        report([...path, key], `mode capacity has no \`${key}\``, 'it finds the rate: see `capacity`', 'key');
  if (capacity === undefined) return;
  const at = [...path, 'capacity'];
  for (const key of ['step', 'latency'] as const) {
    const text = capacity[key];
    if (text !== undefined) durationRule(report, [...at, key], text);
  }
  for (const key of ['errors', 'late'] as const) {
    const text = capacity[key];
    if (text !== undefined && limitValue('errors.rate', text) === undefined)
      report([...at, key], `\`${text}\` is no share`, `write ${limitForms.fraction}`);
  }
  const { start, ceiling } = capacity;
  if (start !== undefined && ceiling !== undefined && start > ceiling)
    report([...at, 'start'], '`start` is more than `ceiling`: there is no rate to try');
}

function durationRule(report: Report, path: Path, text: string | number): void {
  const ms = durationMs(text);
  if (ms === undefined || ms < 1 || ms > LONGEST_MS) report(path, `${text} is not between 1ms and 24h`);
}

function thresholdRules(file: LooseFile, report: Report): void {
  const profiles = [smoke.name, ...Object.keys(file.load?.profiles ?? {})];
  for (const { entry, path } of entries(file.thresholds, ['thresholds'])) {
    mustExist(report, [...path, 'load'], 'load profile', entry.load, profiles);
    mustExist(report, [...path, 'metric'], 'metric', entry.metric, metricNames);
    const { metric } = entry;
    if (metric === undefined) continue;
    if (!('max' in entry) && !('min' in entry))
      report(path, 'a threshold has `max` or `min`, or both', `for example \`max\`, ${limitForms[unitOf(metric)]}`);
    if (entry.abort_on_fail === true && metricNames.includes(metric) && !runningMetrics.includes(metric))
      report(
        [...path, 'abort_on_fail'],
        `${metric} is known when the load has ended`,
        `\`abort_on_fail\` goes with ${runningMetrics.join(' and ')}`,
        'key',
      );
    if (entry.delay_abort !== undefined) {
      durationRule(report, [...path, 'delay_abort'], entry.delay_abort);
      if (entry.abort_on_fail !== true)
        report([...path, 'delay_abort'], '`delay_abort` goes with `abort_on_fail: true`', 'add it', 'key');
    }
    if (!metricNames.includes(metric)) continue;
    const limits = (['min', 'max'] as const).map((key) => {
      const text = entry[key];
      const value = text === undefined ? undefined : limitValue(metric, text);
      if (text !== undefined && value === undefined)
        report([...path, key], `\`${text}\` cannot be a limit on ${metric}`, `write ${limitForms[unitOf(metric)]}`);
      return value;
    });
    const [min, max] = limits;
    if (min !== undefined && max !== undefined && min > max)
      report([...path, 'min'], '`min` is more than `max`: nothing can pass');
  }
}
