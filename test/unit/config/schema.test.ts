import { readFileSync } from 'node:fs';
import { type AnySchema, Ajv } from 'ajv';
import { expect } from 'chai';
import { loadCluster } from '../../../lib/config/load.ts';
import { patternHint, schemaProblems, schemaText } from '../../../lib/config/schema.ts';
import { suggestion } from '../../../lib/config/suggestion.ts';

describe('the published schema', () => {
  const schema: unknown = JSON.parse(schemaText());

  // Which is not looked at again in every run.
  it('is a schema', () => {
    const ajv = new Ajv();
    expect(ajv.validateSchema(schema as AnySchema), ajv.errorsText()).to.equal(true);
  });

  it('has words for every pattern in it', () => {
    const patterns = new Set<string>();
    JSON.stringify(schema, (key, value: unknown) => {
      if (key === 'pattern' && typeof value === 'string') patterns.add(value);
      return value;
    });
    expect(patterns.size).to.be.greaterThan(3);
    for (const pattern of patterns) expect(patternHint(pattern), pattern).to.be.a('string');
  });

  it('allows no key that it does not name', () => {
    let objects = 0;
    JSON.stringify(schema, (_key, value: unknown) => {
      if (typeof value === 'object' && value !== null && 'properties' in value && 'type' in value) {
        objects += 1;
        expect(value).to.have.property('additionalProperties', false);
      }
      return value;
    });
    expect(objects).to.be.greaterThan(10);
  });

  it('is the one that judges', () => {
    expect(schemaText()).to.equal(
      readFileSync(new URL('../../../schema/cluster.schema.json', import.meta.url), 'utf8'),
    );
    expect(schemaProblems({}).map(({ message }) => message)).to.include('the cluster file has no `directors`');
  });
});

describe('examples', () => {
  for (const name of ['nat', 'dr', 'services'])
    it(`docs/examples/${name}.yaml loads`, async () => {
      const cluster = await loadCluster(new URL(`../../../docs/examples/${name}.yaml`, import.meta.url).pathname);
      expect(cluster.virtualServices.length).to.be.greaterThan(0);
    });
});

describe('suggestion', () => {
  for (const [text, expected] of [
    ['dirctor1', 'director1'],
    ['DIP', 'dip'],
    ['nmae', 'name'],
    ['zebra', undefined],
    ['', undefined],
  ] as const)
    it(`${text} → ${expected ?? 'nothing'}`, () => {
      expect(suggestion(text, ['director1', 'dip', 'name'])).to.equal(expected);
    });
});
