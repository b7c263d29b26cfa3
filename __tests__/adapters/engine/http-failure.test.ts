import { expect, test } from '@jest/globals';
import { codeOf, failureClassOf } from '../../../src/adapters/engine/http-failure.ts';

const errorWith = (code: string, message = ''): Error => Object.assign(new Error(message), { code });

test.each([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['EHOSTUNREACH', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['HPE_INVALID_EOF_STATE', 'reset'],
  ['ETIMEDOUT', 'timeout'],
  ['EADDRNOTAVAIL', 'client-resource'],
  ['EMFILE', 'client-resource'],
  ['ENFILE', 'client-resource'],
  ['HPE_INVALID_HEADER_TOKEN', 'protocol'],
  ['UND_ERR_HEADERS_OVERFLOW', 'protocol'],
  ['ERR_ASSERTION', 'protocol'],
])('%s is %s', (code, failure) => {
  expect(failureClassOf(errorWith(code))).toBe(failure);
});

test('an answer that nobody asked for is no reset', () => {
  expect(failureClassOf(errorWith('UND_ERR_SOCKET', 'bad upgrade'))).toBe('protocol');
});

test('whatever is thrown has a class, and a code or none', () => {
  expect([failureClassOf(null), failureClassOf('text'), failureClassOf({ code: 5 })]).toEqual([
    'protocol',
    'protocol',
    'protocol',
  ]);
  expect([codeOf('text'), codeOf(new Error('words')), codeOf(undefined)]).toEqual(['', '', '']);
});
