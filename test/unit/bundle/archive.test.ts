import { gzipSync } from 'node:zlib';

import { expect } from 'chai';
import { Header } from 'tar';

import { type BundleFiles, mostBytes, mostPackedBytes, pack, unpack } from '../../../lib/bundle/archive.ts';
import { manifestName, manifestOf, verified } from '../../../lib/bundle/manifest.ts';
import { IpvetError } from '../../../lib/errors.ts';

const content = new Map([
  ['REPORT.md', Buffer.from('# a\n')],
  ['hosts/rs1/os.txt', Buffer.from('Debian\n')],
  ['empty.txt', Buffer.alloc(0)],
]);
const about = { tool: { version: '0.0.1' }, run: 'r', redacted: [] };

function withManifest(files: BundleFiles, change: (manifest: object) => object = (manifest) => manifest): BundleFiles {
  return new Map([...files, [manifestName, Buffer.from(JSON.stringify(change(manifestOf(about, files))))]]);
}

/** A tar of one entry, of any path and type. */
function tarOf(path: string, type: 'File' | 'SymbolicLink' | 'CharacterDevice', times = 1): Buffer {
  const block = Buffer.alloc(512);
  const linkpath = type === 'SymbolicLink' ? '/etc/passwd' : '';
  new Header({ path, size: 0, mode: 0o600, mtime: new Date(0), type, linkpath }).encode(block, 0);
  return gzipSync(Buffer.concat([...Array.from({ length: times }, () => block), Buffer.alloc(1024)]));
}

async function refused(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    expect(error).to.be.instanceOf(IpvetError).that.includes({ code: 'BUNDLE' });
    expect((error as IpvetError).hint).to.be.a('string');
    return (error as IpvetError).message;
  }
  throw new Error('it was taken');
}

describe('the archive of a bundle', () => {
  it('gives back what was put in, and is the same bytes each time', async () => {
    const packed = pack(content);
    expect(pack(content).equals(packed)).to.equal(true);
    expect([...(await unpack(packed, 'x'))]).to.deep.equal([...content]);
  });

  it('refuses what is no bundle, and what is cut off at any place', async () => {
    expect(await refused(() => unpack(Buffer.from('hello'), 'x'))).to.include('not gzipped');
    expect(await refused(() => unpack(Buffer.alloc(0), 'x'))).to.include('not gzipped');
    expect(await refused(() => unpack(gzipSync('hello'), 'x'))).to.include('no tar archive');
    const packed = pack(withManifest(content));
    for (let length = 0; length < packed.length; length += 7) {
      await refused(() => unpack(packed.subarray(0, length), 'x'));
    }
  });

  it('refuses names that lead elsewhere, links, devices and doubles', async () => {
    for (const path of ['../x', '/etc/x', 'a/../b', 'a//b', '.ssh/x', 'a/b/c/d', 'a b', 'ü', '-x', 'a\\b']) {
      expect(await refused(() => unpack(tarOf(path, 'File'), 'x')), path).to.include('no name');
    }
    expect(await refused(() => unpack(tarOf('a', 'SymbolicLink'), 'x'))).to.include('SymbolicLink');
    expect(await refused(() => unpack(tarOf('a', 'CharacterDevice'), 'x'))).to.include('CharacterDevice');
    expect(await refused(() => unpack(tarOf('a', 'File', 2), 'x'))).to.include('twice');
  });

  it('refuses what unpacks to too much, also in two steps, without unpacking it', async function () {
    this.timeout(30_000);
    const bomb = gzipSync(Buffer.alloc(mostBytes + (64 << 20)), { level: 9 });
    expect(bomb.length).to.be.lessThan(mostPackedBytes);
    expect(await refused(() => unpack(bomb, 'x'))).to.include('larger than any bundle');
    expect(await refused(() => unpack(gzipSync(bomb), 'x'))).to.include('no tar archive');
    expect(await refused(() => unpack(Buffer.alloc(mostPackedBytes + 1), 'x'))).to.include('larger');
  });

  it('does not make what it would not read', async () => {
    expect(await refused(() => pack(new Map([['a', Buffer.alloc(mostBytes + 1)]])))).to.include('too large');
  });
});

describe('the manifest of a bundle', () => {
  it('holds for what was put in', () => {
    expect(verified(withManifest(content), 'x').files).to.have.length(3);
  });

  it('tells what was changed, taken out or added', async () => {
    const whole = withManifest(content);
    const changed = new Map([...whole, ['REPORT.md', Buffer.from('# b\n')]]);
    expect(await refused(() => verified(changed, 'x'))).to.include('"REPORT.md" is not as it was');
    const less = new Map([...whole].filter(([path]) => path !== 'empty.txt'));
    expect(await refused(() => verified(less, 'x'))).to.include('"empty.txt" is missing');
    const more = new Map([...whole, ['more.txt', Buffer.from('')]]);
    expect(await refused(() => verified(more, 'x'))).to.include('"more.txt" was added');
  });

  it('tells an unknown format from damage', async () => {
    const newer = withManifest(content, (manifest) => ({ ...manifest, format: 'ipvet-bundle/7' }));
    expect(await refused(() => verified(newer, 'x'))).to.match(/"ipvet-bundle\/7"; this ipvet reads ipvet-bundle\/1/);
    expect(await refused(() => verified(content, 'x'))).to.include('no manifest.json');
    for (const text of ['{', 'null', '[]', '{"format":"ipvet-bundle/1"}', '{"format":"ipvet-bundle/1","files":[1]}']) {
      await refused(() => verified(new Map([[manifestName, Buffer.from(text)]]), 'x'));
    }
  });
});
