/** A run larger than most, made the same each time. */
import type { TableSample } from '../lib/model/sampling.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import type { Outcome, Verdict } from '../lib/model/verdict.ts';
import { crowd } from '../test/golden/crowds.ts';

const hosts = 50;
const checks = 200;
/** In seconds. */
const hour = 3600;
const states = ['SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'TIME_WAIT'] as const;
const folders = ['network', 'director', 'real-server', 'virtual-service', 'client'] as const;

/** One director, one client and 48 real servers, every one of which every check was judged on. */
export function largeRun(): RunRecord {
  return sampledRun(crowd(hosts - 2, [3, 17]), checks, hour);
}

/** 500 real servers, a tenth of the checks on each, and ten minutes of samples: the record itself has a million counts. */
export function crowdedRun(): RunRecord {
  return sampledRun(crowd(500, [3, 17, 222]), checks / 10, hour / 6);
}

function sampledRun(record: RunRecord, checksAHost: number, seconds: number): RunRecord {
  const { web } = record.samples;
  if (web === undefined) throw new RangeError('the record has samples');
  const [service] = record.cluster.services;
  const destinations = service?.realServers.map(({ address }) => address) ?? [];
  return {
    ...record,
    verdicts: record.cluster.hosts.flatMap(({ name }, host) =>
      Array.from({ length: checksAHost }, (_, check) => verdict(name, check, host)),
    ),
    samples: {
      web: {
        ...web,
        intervalMs: 1000,
        samples: Array.from({ length: seconds }, (_, at) => sample(at, destinations)),
        levels: {
          intervalMs: 250,
          destinations,
          rows: Array.from({ length: 4 * seconds }, (_, at) => [
            at * 250,
            ...destinations.flatMap((_destination, index) => [
              40 + ((at + index) % 17),
              800 + ((at * 3 + index) % 211),
            ]),
          ]),
          totals: [],
        },
      },
    },
    load: record.load.map((load) => ({
      ...load,
      timeline: Array.from({ length: seconds }, (_, at) => ({
        atMs: at * 1000,
        answered: 900 + (at % 100),
        failed: at % 40 === 0 ? 3 : 0,
        p50Ms: 2.31 + (at % 7) / 10,
        p99Ms: 14.2 + (at % 31),
      })),
    })),
  };
}

function verdict(host: string, check: number, place: number): Verdict {
  const id = `${folders[check % folders.length] ?? 'network'}/setting-${check}`;
  const outcome: Outcome =
    (check + 7 * place) % 500 === 0 ? 'fail' : (check + place) % 7 === 0 ? 'not-applicable' : 'pass';
  const found = { 'net.ipv4.conf.all.setting': String(check % 3), interface: `eth${place % 4}` };
  return {
    check: id,
    title: `Setting ${check} of the host is what the service needs`,
    severity: 'mandatory',
    stage: 'pre',
    subject: { host },
    outcome,
    ...(outcome === 'pass' ? {} : { reason: `${host} has another value for setting ${check}` }),
    ...(outcome === 'not-applicable' ? {} : { found }),
    ...(outcome === 'fail' ? { expected: { ...found, interface: 'eth0' } } : {}),
    evidence:
      outcome === 'not-applicable'
        ? []
        : [
            {
              host,
              command: `sysctl net.ipv4.conf.all.setting`,
              output: `net.ipv4.conf.all.setting = ${check % 3}\n`.repeat(8),
              exitCode: 0,
            },
          ],
    durationMs: 1,
  };
}

function sample(at: number, destinations: readonly string[]): TableSample {
  const counts = destinations.flatMap((destination, index) =>
    states.map((state, place) => ({
      destination,
      state,
      entries: (at * (place + 3) + index * 11) % (place === 0 ? 7 : 400),
      stuck: place === 0 && index === 3 ? at % 7 : 0,
    })),
  );
  return { atMs: at * 1000, counts, entries: counts.length, costMs: 4 };
}
