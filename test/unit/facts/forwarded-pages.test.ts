import { createServer as createHttp, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect } from 'chai';
import { forwardedPages, pageText } from '../../../lib/facts/forwarded-pages.ts';
import type { Host } from '../../../lib/ssh/host.ts';
import { aRealServer } from '../../builders.ts';
import { dial } from './dialling.ts';

describe('pages that are fetched through sshd', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  after(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });

  async function listening(server: Server, address = '127.0.0.1'): Promise<string> {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const { port } = server.address() as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
  }
  const serving = (listener: RequestListener, address?: string) => listening(createHttp(listener), address);
  const saying = (text: string) =>
    listening(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(text));
      }),
    );

  const pages = (
    urls: readonly string[],
    more: { readonly hostHeader?: string; readonly dial?: Host['dial'] } = {},
  ) => {
    const { hostHeader, dial: own = dial } = more;
    const gets = urls.map((url) => ({ url, timeoutMs: 400, ...(hostHeader === undefined ? {} : { hostHeader }) }));
    const host = { declaration: aRealServer(1), dial: own };
    return forwardedPages(host, gets, new AbortController().signal);
  };

  it('have status, headers and the start of the body', async () => {
    const url = await serving((_, response) => response.writeHead(503, { 'X-Real-Server': 'rs1' }).end('busy\n'));
    const [page] = (await pages([url])) ?? [];
    expect(page).to.deep.include({ url, from: 'rs1', outcome: 'answered', status: 503, body: 'busy' });
    expect(page?.headers).to.include({ 'x-real-server': 'rs1' });
    expect(pageText([page ?? { url, from: '', outcome: 'failed' }])).to.match(/HTTP 503\n(.*\n)*x-real-server: rs1/);
  });

  it('go by path and host name to an IPv6 address too', async () => {
    const url = await serving(
      (asked, response) => response.end(`${asked.headers.host ?? ''} ${asked.url ?? ''}`),
      '::1',
    );
    const [page] = (await pages([`${url}health?x=1`], { hostHeader: 'www.example' })) ?? [];
    expect(page).to.include({ outcome: 'answered', body: 'www.example /health?x=1' });
  });

  it('are told apart where nothing answers', async () => {
    const silent = await listening(createServer());
    const unclear = await saying('SSH-2.0-OpenSSH_9.2\r\n');
    const cut = await saying('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf');
    const found = await pages(['http://127.0.0.1:1/', silent, unclear, cut]);
    expect(found?.map(({ outcome }) => outcome)).to.deep.equal(['refused', 'timeout', 'failed', 'answered']);
    expect(found?.[3]).to.include({ status: 200, body: 'half' });
  });

  it('are given up in time, whatever the garbage collector takes meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const silent = await listening(createServer());
    const timer = setInterval(collectGarbage, 50);
    const found = await pages([silent, silent]).finally(() => {
      clearInterval(timer);
    });
    expect(found?.map(({ outcome }) => outcome)).to.deep.equal(['timeout', 'timeout']);
  });

  it('are read to a limit in size and time', async () => {
    const endless = await serving((_, response) => {
      Readable.from(endlessText()).pipe(response);
    });
    const slow = await serving((_, response) => {
      response.write('first');
    });
    const found = await pages([endless, slow]);
    expect(found?.map(({ outcome }) => outcome)).to.deep.equal(['answered', 'answered']);
    expect(found?.map(({ body }) => body?.length)).to.deep.equal([4096, 5]);
  });

  it('are nobody’s where sshd forwards nothing', async () => {
    const forbidden = () => Promise.resolve({ untried: 'administratively prohibited' });
    expect(await pages(['http://127.0.0.1:1/'], { dial: forbidden })).to.equal(undefined);
    const host = { declaration: aRealServer(1) };
    expect(await forwardedPages(host, [], new AbortController().signal)).to.equal(undefined);
  });
});

function* endlessText(): Generator<string> {
  for (;;) yield 'x'.repeat(4096);
}
