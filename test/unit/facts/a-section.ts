import type { Section } from '../../../lib/facts/collector.ts';
import type { FactQuestions } from '../../../lib/facts/questions.ts';

export function aSection(change: Partial<Section> = {}): Section {
  return {
    host: 'rs1',
    stdout: '',
    stderr: '',
    exitCode: 0,
    ip: new Map(),
    files: new Map(),
    unreadable: [],
    irregular: [],
    clock: undefined,
    openFiles: '1024',
    level: 'root',
    sudoMessage: undefined,
    sudoListing: '',
    rootPrograms: [],
    user: 'ops',
    ...change,
  };
}

export function someQuestions(change: Partial<FactQuestions> = {}): FactQuestions {
  return {
    facts: [],
    routesTo: [],
    httpGets: [],
    sysctlKeys: [],
    schedulers: [],
    modules: [],
    units: [],
    ownAddresses: [],
    names: [],
    peers: [],
    root: { role: 'director', managedBy: 'ipvsadm', tiers: ['read'] },
    ...change,
  };
}
