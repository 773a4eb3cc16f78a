/** Clusters of other shapes than the golden files show: other forwarding methods, many real servers, names nobody would choose. */
import type { ForwardingMethod } from '../../lib/model/cluster.ts';
import type { RunRecord } from '../../lib/model/run-record.ts';
import { caseNamed } from './cases.ts';

/** The golden case of this name with another forwarding method, and a cause that goes with it. */
export function forwardedBy(forwarding: ForwardingMethod, cause?: string): RunRecord {
  const record = caseNamed(cause === undefined ? 'healthy' : 'nat-rs-gateway');
  const { cluster, diagnoses } = record;
  return {
    ...record,
    cluster: { ...cluster, services: cluster.services.map((service) => ({ ...service, forwarding })) },
    diagnoses: diagnoses.map((diagnosis) => ({ ...diagnosis, cause: cause ?? diagnosis.cause })),
  };
}

/** `servers` real servers, each with a share of the load; every one in `lost` answers nothing. */
export function crowd(servers: number, lost: readonly number[] = [], forwarding: ForwardingMethod = 'nat'): RunRecord {
  const record = forwardedBy(forwarding, lost.length === 0 ? undefined : 'rs-service-down');
  const [service] = record.cluster.services;
  const [load] = record.load;
  const [diagnosis] = record.diagnoses;
  const { web } = record.samples;
  if (service === undefined || load === undefined || web === undefined)
    throw new RangeError('the golden runs have a load');
  const names = Array.from({ length: servers }, (_, index) => `rs${index + 1}`);
  const address = (index: number) => `10.20.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const failed = new Set(lost);
  return {
    ...record,
    cluster: {
      ...record.cluster,
      hosts: [
        ...record.cluster.hosts.filter(({ role }) => role !== 'real-server'),
        ...names.map((name, index) => ({ name, role: 'real-server' as const, address: address(index) })),
      ],
      services: [
        {
          ...service,
          realServers: names.map((name, index) => ({
            name,
            address: `${address(index)}:80`,
            weight: index % 10 === 9 ? 0 : 1,
          })),
        },
      ],
    },
    diagnoses:
      diagnosis === undefined
        ? []
        : lost.map((index) => ({
            ...diagnosis,
            host: names[index] ?? '',
            summary: `${names[index] ?? ''} answers nothing`,
          })),
    load: [
      {
        ...load,
        answersByRealServer: Object.fromEntries(
          names.map((name, index) => [name, failed.has(index) || index % 10 === 9 ? 0 : 40]),
        ),
      },
    ],
    samples: {
      web: {
        ...web,
        counters: names.map((_, index) => ({
          destination: `${address(index)}:80`,
          connections: index % 10 === 9 ? 0 : 40,
          inPackets: 200,
          outPackets: failed.has(index) ? 0 : 160,
          inBytes: 20_000,
          outBytes: 40_000,
        })),
      },
    },
    distribution: [],
  };
}

/** The record with one host called otherwise everywhere. */
export function renamed(record: RunRecord, from: string, to: string): RunRecord {
  const text = JSON.stringify(record);
  const quoted = JSON.stringify(to).slice(1, -1);
  return JSON.parse(text.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), () => quoted)) as RunRecord;
}
