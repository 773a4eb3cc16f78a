/** The picture of the cluster. */
import { count } from '../../numbers.ts';

export const topology = {
  title: 'Where requests go',
  service: (name: string) => `Service ${name}`,
  summary: (vip: string, method: string, servers: number, broken: number) =>
    `Clients, VIP ${vip}, directors and ${count(servers)} real servers of a service forwarded by ${method}; ${broken === 0 ? 'no hop is known to be broken' : `${count(broken)} hops are broken, drawn in red with a cross`}. The table below says the same in words.`,
  client: 'Client',
  director: 'Director',
  standby: 'not the one under load',
  clients: (n: number) => `and ${count(n)} more clients`,
  directors: (n: number) => `and ${count(n)} more directors`,
  weight: (weight: number) => `weight ${count(weight)}`,
  quiesced: 'weight 0, quiesced',
  requests: (n: number) => `${count(n)} requests`,
  sent: (n: number) => `${count(n)} sent`,
  answered: (n: number) => `${count(n)} answered`,
  unobserved: 'no traffic was observed',
  idle: 'got no connection',
  straight: 'answers go straight to the client, not through the director',
  back: 'answers go back through the director',
  notDirector: 'not the way it should take',
  group: (n: number) => `${count(n)} real servers`,
  to: (first: string, last: string) => `${first} … ${last}`,
  legend: {
    request: 'requests, as thick as their share',
    expected: 'way answers should take',
    observed: 'answers that were seen',
    broken: 'broken here',
  },
  inWords: 'The picture in words',
  columns: ['Real server', 'Sent to it', 'Share', 'Answers', 'Way back, as its kernel says', 'What was seen'],
  seen: {
    answers: 'answers',
    partly: 'answers some',
    lost: 'answers nothing',
    idle: 'got no connection',
    unobserved: 'not observed',
  },
  more: (n: number) => `and ${count(n)} more in run.json`,
  moreServices: (n: number) => `${count(n)} more services are in the inventory`,
};
