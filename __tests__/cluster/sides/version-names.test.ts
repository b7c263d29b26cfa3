import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostOf, matchesHost, namespaceOf } from '../../../src/cluster/sides/version-names.ts';
import { SIDES } from '../../../src/model/sides.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

test.each([
  { host: 'shop.localhost', expected: 'shop.head.localhost' },
  { host: 'localhost', expected: 'head.localhost' },
  { host: '*.shop.localhost', expected: '*.shop.head.localhost' },
  { host: 'a.b.example.com', expected: 'a.b.example.head.com' },
])('$host of head is $expected', ({ host: given, expected }) => {
  expect(hostOf('head', given)).toBe(expected);
});

test('a version is known by its host, and neither has the longer one', () => {
  fc.assert(
    fc.property(host, host, (one, other) => {
      const all = SIDES.flatMap((version) => [...new Set([one, other])].map((each) => hostOf(version, each)));
      expect(new Set(all).size).toBe(all.length);
      expect(hostOf('head', one)).toHaveLength(hostOf('base', one).length);
    }),
  );
});

test('a wildcard stands for the same hosts as before, and for none of the other version', () => {
  fc.assert(
    fc.property(host, fc.array(host, { maxLength: 5 }), (domain, others) => {
      for (const given of [`a.${domain}`, domain, ...others]) {
        const before = matchesHost(`*.${domain}`, given);
        for (const version of SIDES) {
          for (const asked of SIDES) {
            expect(matchesHost(hostOf(version, `*.${domain}`), hostOf(asked, given))).toBe(before && version === asked);
          }
        }
      }
    }),
  );
});

describe('namespaceOf', () => {
  test('is a name that Kubernetes takes, and another one for each version and namespace', () => {
    fc.assert(
      fc.property(fc.uniqueArray(label, { minLength: 1, maxLength: 8 }), (namespaces) => {
        const names = SIDES.flatMap((version) => namespaces.map((namespace) => namespaceOf(version, namespace)));
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  test('tells long ones apart that begin alike', () => {
    const long = 'x'.repeat(62);
    expect(namespaceOf('base', 'shop')).toBe('base-shop');
    expect(namespaceOf('base', `${long}a`)).not.toBe(namespaceOf('base', `${long}b`));
  });
});
