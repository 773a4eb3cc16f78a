import { includesAddress, isAddress, isLoopback } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { ClusterHost } from '../../lib/model/cluster.ts';
import { hostsOf } from '../../lib/model/cluster.ts';
import type { HostsFileEntry } from '../../lib/model/facts.ts';
import { literal, replacement } from '../remedies.ts';
import { quotedWord } from '../../lib/model/shell-word.ts';

/**
 * A name may lead to any address its host has: clients see another side of a director than real servers do. It must not
 * lead to somebody else.
 */
export const hostsFile = defineCheck({
  id: 'network/hosts-file',
  title: '/etc/hosts leads to the right hosts',
  failureTitle: '/etc/hosts leads elsewhere than other hosts say',
  sees: ['hosts-file-mismatch'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'host',
  requires: ['hostsFile'],
  requiresOfAll: ['hostsFile', 'addresses'],
  doc: {
    why:
      'Rules and health checks written with names reach the wrong host from the one machine whose file differs; tests by ' +
      'address all pass. A name of its own at 127.0.1.1 makes a host answer itself where others reach it.',
    byHand: ['cat /etc/hosts', 'getent ahosts NAME'],
    references: ['hosts(5)', 'LVS-HOWTO, /etc/hosts of the real servers'],
  },
  evaluate({ hostsFile: entries }, { cluster, host }, { evidence, everyone }) {
    const hosts = hostsOf(cluster);
    const fileOf = (other: ClusterHost): readonly HostsFileEntry[] | undefined => {
      const fact = everyone.get(other.name)?.hostsFile;
      return fact?.known === true ? fact.value : undefined;
    };
    const notCompared = hosts.filter((other) => fileOf(other) === undefined).map(({ name }) => name);
    const mapped = hosts.map((named) => ({ named, addresses: addressesIn(entries, named.name) }));
    const found = {
      ...Object.fromEntries(mapped.map(({ named, addresses }) => [named.name, addresses])),
      ...(notCompared.length === 0 ? {} : { notCompared }),
    };
    const quoteOf = (names: readonly ClusterHost[]) => [quote(evidence('hostsFile'), ...names.map(({ name }) => name))];
    const others = hosts.filter(({ name }) => name !== host.name);
    const ownNamed = others.some((other) => addressesIn(fileOf(other) ?? [], host.name).length > 0);

    const strays = mapped.flatMap(({ named, addresses }) => {
      const known = knownAddresses(named, everyone.get(named.name)?.addresses);
      const stray = addresses.filter(
        (address) => !(named.name === host.name && isLoopback(address)) && !includesAddress(known.addresses, address),
      );
      return stray.map((address) => ({ named, address, ...known }));
    });
    const wrong = strays.filter(({ complete }) => complete);
    const expected = Object.fromEntries(strays.map(({ named, addresses }) => [named.name, addresses]));
    const [first] = wrong.length > 0 ? wrong : strays;
    if (first !== undefined) {
      const { named, address } = first;
      const finding = {
        reason: `/etc/hosts of ${host.name} says ${named.name} is ${address}; it has ${listed(first.addresses)}`,
        found,
        expected,
        evidence: quoteOf((wrong.length > 0 ? wrong : strays).map((stray) => stray.named)),
        remedy: correction(host.name, named.name, address, first.addresses[0] ?? ''),
      };
      if (wrong.length > 0) return fail(finding);
      return warn({ ...finding, reason: `${finding.reason} by the cluster file, and it did not say itself` });
    }
    const own = mapped.find(({ named }) => named.name === host.name)?.addresses ?? [];
    const quotedAll = quoteOf(hosts);
    if (own.length > 0 && own.every(isLoopback) && ownNamed) {
      const [address] = declaredAddresses(host);
      return warn({
        reason: `/etc/hosts of ${host.name} says its own name is ${listed(own)}, where others reach it elsewhere`,
        found,
        expected: { [host.name]: declaredAddresses(host) },
        evidence: quoteOf([host]),
        remedy: correction(host.name, host.name, own[0] ?? '', address ?? ''),
      });
    }
    // That a file names its own host is every installer's doing, and no plan to name the cluster.
    const namedByOthers = hosts.filter((named) =>
      others.some(
        (other) =>
          other.role !== 'client' &&
          other.name !== named.name &&
          addressesIn(fileOf(other) ?? [], named.name).length > 0,
      ),
    );
    const present = mapped.filter(({ addresses }) => addresses.length > 0);
    if (namedByOthers.length === 0 && present.length === 0) {
      return notApplicable('No /etc/hosts names a host of the cluster: names come from elsewhere');
    }
    const absent = mapped.filter(({ named, addresses }) => addresses.length === 0 && namedByOthers.includes(named));
    if (absent.length > 0 && host.role !== 'client') {
      const names = absent.map(({ named }) => named);
      return warn({
        reason: `/etc/hosts of ${host.name} does not name ${listed(names.map(({ name }) => name))}, and that of other hosts does`,
        found,
        expected: Object.fromEntries(names.map((named) => [named.name, declaredAddresses(named)])),
        evidence: quotedAll,
        remedy: {
          host: host.name,
          summary: 'Add the missing names',
          commands: names.map(
            (named) => `echo ${quotedWord(`${declaredAddresses(named)[0] ?? ''} ${named.name}`)} >> /etc/hosts`,
          ),
          undo: names.map((named) => `sed -i ${quotedWord(`/ ${literal(named.name)}$/d`)} /etc/hosts`),
        },
      });
    }
    return pass(found, quotedAll);
  },
});

function addressesIn(entries: readonly HostsFileEntry[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return entries.filter(({ names }) => names.some((one) => one.toLowerCase() === wanted)).map(({ address }) => address);
}

function declaredAddresses(host: ClusterHost): readonly string[] {
  switch (host.role) {
    case 'director':
      return [host.dip];
    case 'real-server':
      return [host.rip];
    case 'client':
      return [host.cip];
  }
}

interface Known {
  readonly addresses: readonly string[];
  /** Whether the host itself said which it has. */
  readonly complete: boolean;
}

type AddressesFact =
  { readonly known: true; readonly value: readonly { readonly address: string }[] } | { readonly known: false };

/** Of each host once, for the files of all hosts. */
const knownOf = new WeakMap<AddressesFact, Known>();

function knownAddresses(host: ClusterHost, fact: AddressesFact | undefined): Known {
  const before = fact === undefined ? undefined : knownOf.get(fact);
  if (before !== undefined) return before;
  const own = fact?.known === true ? fact.value.map(({ address }) => address).filter((one) => !isLoopback(one)) : [];
  // `host` is what ssh is given: often an address, which may be translated on the way and be on no interface.
  const known = {
    addresses: [...new Set([...declaredAddresses(host), ...own, ...(isAddress(host.host) ? [host.host] : [])])],
    complete: fact?.known === true,
  };
  if (fact !== undefined) knownOf.set(fact, known);
  return known;
}

function correction(host: string, name: string, wrong: string, right: string) {
  return {
    host,
    summary: `Let /etc/hosts say that ${name} is ${right}`,
    commands: [
      `cp -p /etc/hosts /etc/hosts.before-ipvet && sed -i ${quotedWord(`/[[:space:]]${literal(name)}\\([[:space:]]\\|$\\)/s/^${literal(wrong)}/${replacement(right)}/`)} /etc/hosts`,
    ],
    undo: ['mv /etc/hosts.before-ipvet /etc/hosts'],
  };
}
