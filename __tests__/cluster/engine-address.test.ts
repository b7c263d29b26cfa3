import { expect, test } from '@jest/globals';
import { otherMachine } from '../../src/cluster/engine-address.ts';

test.each([
  ['unix:///var/run/docker.sock', false],
  ['npipe:////./pipe/docker_engine', false],
  ['tcp://127.0.0.1:2375', false],
  ['tcp://localhost:2376', false],
  ['tcp://[::1]:2375', false],
  ['tcp://docker:2375', true],
  ['tcp://10.0.0.5:2376', true],
  ['ssh://me@builder', true],
  ['', false],
])('the engine at %j is on another machine: %s', (address, expected) => {
  expect(otherMachine(address)).toBe(expected);
});

test.each([
  ['tcp://ci-7:2375', false],
  ['tcp://192.168.1.5:2375', false],
  ['tcp://[fe80::5]:2375', false],
  ['tcp://192.168.1.50:2375', true],
  ['ssh://me@ci-7', true],
])('of a machine with names and addresses of its own, %j is another one: %s', (address, expected) => {
  expect(otherMachine(address, ['ci-7', '192.168.1.5', 'fe80::5'])).toBe(expected);
});
