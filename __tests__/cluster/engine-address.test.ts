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
