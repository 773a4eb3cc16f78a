/** What `ipvet failover` does to hosts on purpose, and what takes it back. */
import type { Cluster, ClusterHost, Director } from '../model/cluster.ts';
import type { RootCommand } from './root-command.ts';

const drill = { tier: 'disrupt', optional: 'then `ipvet failover` cannot do that' } as const;
const onDirectors = { ...drill, roles: ['director'] } as const;

export const stopKeepalived: RootCommand = {
  ...onDirectors,
  argv: ['systemctl', 'stop', 'keepalived'],
  why: 'has a director step down in order',
};

export const startKeepalived: RootCommand = {
  ...onDirectors,
  argv: ['systemctl', 'start', 'keepalived'],
  why: 'has it take part again',
};

/** Its children would step down in order when their parent dies: they are stopped where they are first. */
export const freezeKeepalived: RootCommand = {
  ...onDirectors,
  argv: ['systemctl', 'kill', '--signal=SIGSTOP', 'keepalived'],
  why: 'has all of keepalived stand still, so that none of it can say that it dies',
};

export const thawKeepalived: RootCommand = {
  ...onDirectors,
  argv: ['systemctl', 'kill', '--signal=SIGCONT', 'keepalived'],
  why: 'has it go on where it was not killed after that',
};

export const killKeepalived: RootCommand = {
  ...onDirectors,
  argv: ['systemctl', 'kill', '--signal=SIGKILL', 'keepalived'],
  why: 'has keepalived die without a word',
};

const vrrp = ['INPUT', '-p', '112', '-j', 'DROP'];

export const dropAdverts: RootCommand = {
  ...onDirectors,
  argv: ['iptables', '-I', ...vrrp],
  why: 'lets a director hear no adverts of the other',
};

export const hearAdverts: RootCommand = {
  ...onDirectors,
  argv: ['iptables', '-D', ...vrrp],
  why: 'lets it hear them again',
};

export const advertsDropped: RootCommand = {
  ...onDirectors,
  argv: ['iptables', '-C', ...vrrp],
  why: 'looks whether it does',
};

/** The weight of a real server and back. Which service and which weight come on its input: the rules are the host's own. */
export const setWeights: RootCommand = {
  ...onDirectors,
  argv: ['ipvsadm', '-R'],
  why: 'sets the weight of a real server to 0, and back to what it was',
  caution: 'it takes any change to the IPVS rules',
};

export const disruptionCommands = [
  stopKeepalived,
  startKeepalived,
  freezeKeepalived,
  thawKeepalived,
  killKeepalived,
  dropAdverts,
  hearAdverts,
  advertsDropped,
  setWeights,
] as const;

export interface Silence {
  readonly drop: RootCommand;
  readonly answer: RootCommand;
  readonly dropped: RootCommand;
}

/** One for each port of a declared service on a real server; none on other hosts. Words settled by the cluster file alone. */
export function silences({ virtualServices }: Pick<Cluster, 'virtualServices'>, host: ClusterHost): readonly Silence[] {
  if (host.role !== 'real-server') return [];
  const ports = virtualServices.flatMap(({ protocol, destinations }) =>
    destinations.filter(({ realServer }) => realServer.name === host.name).map(({ port }) => `${protocol} ${port}`),
  );
  return [...new Set(ports)].map((each) => {
    const [protocol = '', port = ''] = each.split(' ');
    const rule = ['INPUT', '-p', protocol, '--dport', port, '-j', 'DROP'];
    const own = { ...drill, roles: ['real-server'] } as const;
    return {
      drop: {
        ...own,
        argv: ['iptables', '-I', ...rule],
        why: `is silent on ${protocol} port ${port}, as if it were off`,
      },
      answer: { ...own, argv: ['iptables', '-D', ...rule], why: `answers on ${protocol} port ${port} again` },
      dropped: { ...own, argv: ['iptables', '-C', ...rule], why: `looks whether ${protocol} port ${port} is silent` },
    };
  });
}

export function silenceCommands(cluster: Pick<Cluster, 'virtualServices'>, host: ClusterHost): readonly RootCommand[] {
  return silences(cluster, host).flatMap(({ drop, answer, dropped }) => [drop, answer, dropped]);
}

export interface LinkCommands {
  readonly down: RootCommand;
  readonly up: RootCommand;
  readonly routes: RootCommand;
}

/** Of the interface with the VIP, for a director that has others to take over; words settled by the cluster file alone. */
export function linkCommandsOf({ vipInterface: name }: Pick<Director, 'vipInterface'>): LinkCommands {
  const link = (state: string) => ['ip', 'link', 'set', 'dev', name, state];
  return {
    down: { ...onDirectors, argv: link('down'), why: `takes ${name} down for some seconds, as if its cable were out` },
    up: { ...onDirectors, argv: link('up'), why: `brings ${name} up again` },
    routes: {
      ...onDirectors,
      argv: ['ip', 'route', 'restore'],
      why: 'brings routes back that went with it, which come on its input as `ip route save` wrote them',
      caution: 'it takes any route',
    },
  };
}

export function linkCommands(
  { directors, rules }: Pick<Cluster, 'directors' | 'rules'>,
  host: ClusterHost,
): readonly RootCommand[] {
  if (host.role !== 'director' || directors.length < 2 || rules.managedBy !== 'keepalived') return [];
  const { down, up, routes } = linkCommandsOf(host);
  return [down, up, routes];
}
