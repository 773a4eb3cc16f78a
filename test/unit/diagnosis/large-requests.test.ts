import { expect } from 'chai';

import { diagnose, unexplained } from '../../../lib/diagnosis/diagnose.ts';
import { unnamedFates } from '../../../lib/diagnosis/followed.ts';
import type { DiagnosisInput } from '../../../lib/diagnosis/input.ts';
import { endpoint } from '../../../lib/model/endpoint.ts';
import type { Cluster, ForwardingMethod } from '../../../lib/model/cluster.ts';
import type { LargeRequests } from '../../../lib/model/ends.ts';
import type { ConnectionErrorKind } from '../../../lib/model/load-result.ts';
import { cip } from '../../builders.ts';
import { sceneInput } from './experiment.ts';
import { found } from './scene.ts';

interface Sizes {
  readonly method: ForwardingMethod;
  /** How large requests to real servers end; those of the others are answered. */
  readonly large: Readonly<Record<string, readonly ('answered' | ConnectionErrorKind)[]>>;
  readonly errorsSent?: number;
  readonly verdicts?: DiagnosisInput['verdicts'];
  /** RIPs are of IPv6. */
  readonly six?: true;
}

const hang = ['response-timeout', 'response-timeout'] as const;

const withSix = (cluster: Cluster): Cluster => ({
  ...cluster,
  virtualServices: cluster.virtualServices.map((service) => ({
    ...service,
    destinations: service.destinations.map((one, index) => ({
      ...one,
      realServer: { ...one.realServer, rip: `fd00::${index + 1}` },
    })),
  })),
});

/** All small requests were answered. */
function inputOf({ method, large, errorsSent = 0, verdicts = [], six }: Sizes): DiagnosisInput {
  const scene = sceneInput({ method, failing: {}, verdicts }, false);
  const input = six === true ? { ...scene, cluster: withSix(scene.cluster) } : scene;
  const observed = input.observation('web');
  const [service] = input.cluster.virtualServices;
  const asked: LargeRequests = {
    bytes: 3000,
    service: 'web',
    director: 'director1',
    client: 'client1',
    probes: (service?.destinations ?? []).flatMap(({ realServer: { name, rip }, port }) =>
      (large[name] ?? ['answered', 'answered']).map((outcome, index) => ({
        sourceAddress: cip,
        localPort: 40_000 + index,
        tookMs: 3500,
        outcome,
        entry: { destination: endpoint(rip, port), state: 'ESTABLISHED', expiresS: 898 },
      })),
    ),
    ends: [{ host: 'director1', role: 'director', counts: { unreachablesSent: errorsSent } }],
  };
  return {
    ...input,
    observation: () =>
      observed?.load === undefined ? observed : { ...observed, load: { ...observed.load, large: asked } },
  };
}

const named = (sizes: Sizes) =>
  diagnose(inputOf(sizes)).map(({ cause, host, certainty }) => `${cause} ${host ?? '-'} ${certainty}`);
const tunnel = found('rs2', ['tun-mtu-blackhole'], { outcome: 'warn' });
const odd = found('rs2', ['nic-mtu-mismatch']);

describe('large requests that hang where small ones are answered', () => {
  it('are too large for the tunnel, where a check says so and the director refused them', () => {
    const sizes = { method: 'tun', large: { rs2: hang }, verdicts: [tunnel], errorsSent: 9 } as const;
    expect(named(sizes)).to.deep.equal(['tun-mtu-blackhole rs2 certain']);
    expect(unexplained(inputOf(sizes), diagnose(inputOf(sizes)))).to.deep.equal([]);
  });

  it('are likely so by either alone', () => {
    expect(named({ method: 'tun', large: { rs2: hang }, errorsSent: 9 })).to.deep.equal([
      'tun-mtu-blackhole rs2 likely',
    ]);
    expect(named({ method: 'tun', large: { rs2: hang }, verdicts: [tunnel] })).to.deep.equal([
      'tun-mtu-blackhole rs2 likely',
    ]);
  });

  it('are too large for a tunnel of IPv6', () => {
    const verdicts = [found('rs2', ['v6-tunnel-mtu'], { outcome: 'warn' })];
    expect(named({ method: 'tun', large: { rs2: hang }, verdicts, six: true })).to.deep.equal([
      'v6-tunnel-mtu rs2 likely',
    ]);
  });

  it('are too large for an interface, where one has another MTU', () => {
    for (const method of ['nat', 'dr'] as const)
      expect(named({ method, large: { rs2: hang }, verdicts: [odd] })).to.deep.equal(['nic-mtu-mismatch rs2 likely']);
  });

  it('have no name where nothing says why, and are told with what to look at', () => {
    const input = inputOf({ method: 'dr', large: { rs2: hang }, errorsSent: 9 });
    expect(diagnose(input)).to.deep.equal([]);
    expect(unnamedFates(input)).to.have.length(1);
    expect(unnamedFates(input)[0]).to.include('2 of 2 requests with 3000 bytes more in their head hung on rs2');
  });

  it('are no sign where some are answered, where one alone was sent, or where they were refused', () => {
    for (const large of [['answered', 'response-timeout'], ['response-timeout'], ['reset', 'reset']] as const)
      expect(named({ method: 'tun', large: { rs2: large }, verdicts: [tunnel], errorsSent: 9 })).to.deep.equal([]);
  });
});
