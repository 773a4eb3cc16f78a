/**
 * The faults that `npm test` makes on real labs, each on the host it goes on by itself: one of every kind of mechanism in each
 * topology. `npm run matrix` makes all of them, everywhere.
 */
export const subset: Readonly<Record<'nat' | 'dr' | 'tun', readonly string[]>> = {
  nat: [
    'service-rule-missing',
    'vip-absent-on-director',
    'director-ip-forward-off',
    'forwarding-method-mismatch',
    'weight-zero',
    'nat-rs-gateway-not-director',
    'rs-no-default-route',
    'rs-service-down',
    'director-output-drop',
    'director-forward-invalid/established-only',
    'rs-firewall-drop',
  ],
  dr: [
    'service-rule-missing',
    'vip-absent-on-director',
    'weight-zero',
    'rs-vip-missing',
    'rs-rp-filter-multihomed',
    'rs-asymmetric-route',
    'rs-service-not-on-vip',
    'director-input-drop/policy',
    'director-stateful-input-dr',
    'rs-firewall-reject',
  ],
  tun: [
    'service-rule-missing',
    'vip-absent-on-director',
    'no-real-servers',
    'rs-service-down',
    'rs-app-hang',
    'tun-ipip-module-missing',
    'tun-interface-down',
    'tun-vip-missing',
    'tun-rp-filter',
    'tun-proto4-filtered',
    'director-input-drop',
    'rs-egress-drop',
  ],
};
