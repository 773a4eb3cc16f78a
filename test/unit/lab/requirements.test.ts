import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { chooseKinds, packagesByProgram } from '../../../lab/requirements.ts';

describe('requirements of a lab', () => {
  it('are what bin/setup installs', () => {
    const script = readFileSync(new URL('../../../bin/setup', import.meta.url), 'utf8');
    const installed = /^packages='(.*)'$/m.exec(script)?.[1]?.split(' ').sort();
    expect(installed).to.deep.equal([...new Set(Object.values(packagesByProgram))].sort());
    const checked = /^ *for program in (.*); do$/m.exec(script)?.[1]?.split(' ').sort();
    expect(checked).to.deep.equal(Object.keys(packagesByProgram).sort());
  });

  it('give director and real servers kernels of their own unless asked otherwise', () => {
    for (const request of ['auto', 'uml'] as const) {
      for (const ipvs of [true, false]) {
        const choices = chooseKinds(request, ipvs);
        expect(choices.director.kind).to.equal('uml');
        expect(choices['real-server'].kind).to.equal('uml');
        expect(choices.client.kind).to.equal('netns');
        expect(choices.infrastructure.kind).to.equal('netns');
      }
    }
  });

  it('make a director share this kernel only when it has IPVS, and say so', () => {
    expect(chooseKinds('netns', true).director.kind).to.equal('netns');
    const { director, 'real-server': realServer } = chooseKinds('netns', false);
    expect(director.kind).to.equal('uml');
    expect(director.because).to.include('no IPVS');
    expect(realServer.kind).to.equal('netns');
  });
});
