/** Words a reader of a report may not know; docs/glossary.md has more. */
export const glossary = {
  title: 'Glossary',
  entries: [
    ['director', 'the host whose kernel schedules connections; elsewhere called load balancer'],
    ['real server', 'a host that answers requests; elsewhere called backend'],
    ['virtual service', 'VIP, port and protocol, with a scheduler and real servers'],
    ['VIP, DIP, RIP, CIP', 'addresses: the one clients use, the director’s own, the real server’s, the client’s'],
    [
      'VS/NAT, VS/DR, VS/TUN',
      'how packets get to a real server: rewritten, by its MAC address, in a tunnel. With NAT answers must go back through the director; with DR and TUN they go straight to the client',
    ],
    ['scheduler', 'how the director chooses a real server, by its kernel short name: rr, wrr, lc, wlc, sh, mh, …'],
    ['weight', 'a real server’s share relative to the others; 0 is quiesced: no new connections, present ones go on'],
    ['persistence', 'connections of one client go to the same real server for so many seconds'],
    ['connection table', 'what the director knows of each connection: client, VIP, real server, state, time left'],
    [
      'SYN_RECV',
      'the director forwarded a SYN and has seen no more of the handshake; with NAT: no SYN-ACK came back through it',
    ],
    ['stuck', 'in SYN_RECV for more than 3 s'],
    ['gate', 'what has to hold for the run to pass: mandatory checks, thresholds, the cluster as it was found'],
    ['waived', 'failed, and the cluster file says why that is accepted, and until when'],
    ['could not tell', 'looked at, and the answer does not decide; the run is then inconclusive, never passed'],
    ['open loop', 'requests begin when their time has come, whether or not earlier ones were answered'],
    ['corrected latency', 'from when a request should have begun; a service that stands still cannot hide it'],
    ['p-value', 'how often shares at least this uneven come up by chance when the scheduler does what it promises'],
    ['effect size', 'Cohen’s w, how uneven the shares are: 0.1 is small, 0.3 medium, 0.5 large'],
  ] as readonly (readonly [string, string])[],
};
