import type { LoadProfileEntry } from '../model/cluster-file.ts';
import { metricNames } from '../model/metrics.ts';
import { smoke } from './defaults.ts';
import { entries, type Loose, type LooseFile, mustExist, type Report } from './rule.ts';
import { durationMs, limitForms, limitValue, unitOf } from './units.ts';
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
