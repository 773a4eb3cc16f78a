/** Adverts that keepalived hears and drops: what each kind of complaint says of the directors. */
import type { KeepalivedComplaint, VrrpInstance } from '../lib/model/facts.ts';
import type { FaultId } from '../lib/model/fault-id.ts';

/** An advert comes every second or so, and each one that is not taken is a line. */
const recentS = 120;

type Kind =
  'password' | 'authentication-type' | 'advert-interval' | 'version' | 'vrid' | 'address-count' | 'foreign-addresses';

export interface DroppedAdvert extends KeepalivedComplaint {
  readonly kind: Kind;
}

/** Where directors differ in what is complained of. */
export const faultOf: Readonly<Record<Kind, FaultId>> = {
  password: 'vrrp-auth-mismatch',
  'authentication-type': 'vrrp-auth-mismatch',
  'advert-interval': 'vrrp-advert-int-mismatch',
  version: 'vrrp-advert-int-mismatch',
  vrid: 'vrrp-vrid-mismatch',
  'address-count': 'vrrp-vip-list-mismatch',
  'foreign-addresses': 'vrrp-vip-list-mismatch',
};

export const droppedOf = (complaints: readonly KeepalivedComplaint[]): readonly DroppedAdvert[] =>
  complaints.filter((one): one is DroppedAdvert => one.kind in faultOf && one.agoS <= recentS);

/** Whether two directors are set up alike in what is complained of: then they do not complain of each other. */
export function agree(kind: Kind, one: VrrpInstance, other: VrrpInstance): boolean {
  const listOf = ({ addresses }: VrrpInstance) =>
    addresses
      .map(({ address }) => address)
      .toSorted()
      .join();
  switch (kind) {
    case 'password': {
      const [a, b] = [one.authentication?.password, other.authentication?.password];
      return a === undefined || b === undefined ? a === b : a.sameAs(b, 8);
    }
    case 'authentication-type':
      return one.authentication?.type === other.authentication?.type;
    case 'advert-interval':
      return one.advertIntervalMs === other.advertIntervalMs;
    case 'version':
      return one.version === other.version;
    case 'vrid':
      return one.vrid === other.vrid;
    case 'address-count':
      return one.addresses.length === other.addresses.length;
    case 'foreign-addresses':
      return listOf(one) === listOf(other);
  }
}
