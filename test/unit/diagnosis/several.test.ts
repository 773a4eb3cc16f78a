import { expect } from 'chai';

import { diagnose } from '../../../lib/diagnosis/diagnose.ts';
import type { DiagnosisInput } from '../../../lib/diagnosis/input.ts';
import { toProbe } from '../../../lib/diagnosis/open-questions.ts';
import type { Rule } from '../../../lib/diagnosis/rule.ts';
import { rules } from '../../../lib/diagnosis/rules/index.ts';
import { missing } from '../../../lib/model/facts.ts';
import { cip } from '../../builders.ts';
import { found } from './scene.ts';

import { named, refused, rs2, sceneInput, silent, type Scene } from './experiment.ts';

describe('a real server that cannot be asked', () => {
  it('is behind a permanent entry of the director rather than down, where there is one', () => {
    const silentOne = found('director1', ['rs-host-down', 'rs-firewall-drop'], { culprits: ['rs2'] });
    const entry = found('director1', ['director-neigh-stale'], { outcome: 'warn', culprits: ['rs2'] });
    const causes = (...verdicts: DiagnosisInput['verdicts']) => {
      const input = sceneInput({ method: 'nat', failing: rs2, verdicts }, false);
      const unasked: DiagnosisInput = {
        ...input,
        fact: (host, name) => (host === 'rs2' ? missing('unreachable', 'no answer') : input.fact(host, name)),
      };
      return diagnose(unasked).map(({ cause, host, certainty }) => [cause, host, certainty]);
    };
    expect(causes(silentOne, entry)).to.deep.equal([['director-neigh-stale', 'rs2', 'likely']]);
    expect(causes(silentOne)[0]?.[0]).to.equal('rs-host-down');
  });
});

describe('a rule that throws', () => {
  const scene: Scene = { method: 'nat', failing: rs2, verdicts: [found('rs2', ['rs-firewall-drop'])] };
  const broken: Rule = {
    causes: ['rs-app-hang'],
    evaluate: () => {
      throw new Error('no such entry');
    },
  };

  it('is told, and the others have their say', () => {
    const input = sceneInput(scene, false);
    const told: string[] = [];
    const onBroken = (rule: Rule, error: unknown) => told.push(`${rule.causes.join()}: ${String(error)}`);
    expect(diagnose(input, { rules: [broken, ...rules], onBroken }))
      .to.deep.equal(diagnose(input))
      .and.have.length(1);
    expect(told).to.deep.equal(['rs-app-hang: Error: no such entry']);
  });

  it('is no secret where nobody asks to be told', () => {
    expect(() => diagnose(sceneInput(scene, false), { rules: [broken] })).to.throw('no such entry');
  });
});

describe('what follows from another fault of the same host', () => {
  it('is ruled out beside it', () => {
    const failing = { rs2: { ...silent, kind: 'unreachable' as const, outPackets: 2 } };
    const verdicts = [found('rs2', ['tun-ipip-module-missing']), found('rs2', ['tun-vip-missing'])];
    const [module, ...others] = diagnose(sceneInput({ method: 'tun', failing, verdicts }, false));
    expect(module?.cause).to.equal('tun-ipip-module-missing');
    expect(module?.ruledOut).to.deep.include({
      cause: 'tun-vip-missing',
      because: 'it follows from tun-ipip-module-missing on rs2',
    });
    expect(others).to.deep.equal([]);
    expect(named({ method: 'tun', failing: rs2, verdicts: verdicts.slice(1) })).to.deep.equal([
      'tun-vip-missing rs2 certain',
    ]);
  });
});

describe('entries of requests that failed', () => {
  it('tell real servers apart without an experiment', () => {
    const failing = { rs1: { ...refused, state: 'CLOSE', outPackets: 1 }, rs2: silent };
    const verdicts = [found('rs2', ['rs-firewall-reject', 'rs-firewall-drop'])];
    const input = sceneInput({ method: 'nat', failing, verdicts }, false);
    expect(diagnose(input).flatMap(({ ruledOut }) => ruledOut.map(({ cause }) => cause))).to.deep.equal([]);
    const observed = input.observation('web');
    const entry = { clientAddress: cip, destination: '10.10.10.20:80', state: 'SYN_RECV', expiresS: 57 };
    const failedEntries = [41_000, 41_001].map((clientPort) => ({
      ...entry,
      clientPort,
      kind: 'connect-timeout' as const,
    }));
    const joined: DiagnosisInput = {
      ...input,
      observation: () => (observed === undefined ? undefined : { ...observed, failedEntries }),
    };
    const [drop] = diagnose(joined);
    expect(drop?.cause).to.equal('rs-firewall-drop');
    expect(drop?.ruledOut.map(({ cause }) => cause)).to.deep.equal(['rs-firewall-reject']);
  });
});

describe('when an experiment is made', () => {
  const asked = (scene: Scene) => {
    const input = sceneInput(scene, false);
    return toProbe(input, diagnose(input)).map(({ name }) => name);
  };

  it('is when requests fail and no cause is certain', () => {
    expect(asked({ method: 'nat', failing: rs2 })).to.deep.equal(['web']);
    expect(asked({ method: 'nat', failing: rs2, verdicts: [found('rs2', ['rs-firewall-drop'])] })).to.deep.equal([]);
    expect(asked({ method: 'nat', failing: {} })).to.deep.equal([]);
  });

  it('is when a certain cause leaves another real server that is silent', () => {
    const failing = { rs2: silent, rs3: silent };
    expect(asked({ method: 'nat', failing, verdicts: [found('rs2', ['rs-firewall-drop'])] })).to.deep.equal(['web']);
  });

  it('is not when only a real server that cannot be asked is silent', () => {
    const without = (...silentHosts: readonly string[]) => {
      const input = sceneInput({ method: 'nat', failing: { rs2: silent, rs3: silent } }, false);
      const unasked: DiagnosisInput = {
        ...input,
        fact: (host, name) =>
          silentHosts.includes(host) ? missing('unreachable', 'no answer') : input.fact(host, name),
      };
      return toProbe(unasked, diagnose(unasked)).map(({ name }) => name);
    };
    expect(without('rs2', 'rs3')).to.deep.equal([]);
    expect(without('rs2')).to.deep.equal(['web']);
  });

  it('is not for UDP, which has no handshake', () => {
    const input = sceneInput({ method: 'nat', failing: rs2 }, false);
    const cluster = {
      ...input.cluster,
      virtualServices: input.cluster.virtualServices.map((service) => ({ ...service, protocol: 'udp' as const })),
    };
    expect(toProbe({ ...input, cluster }, [])).to.deep.equal([]);
  });
});
