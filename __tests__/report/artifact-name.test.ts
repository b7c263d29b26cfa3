import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { artifactName, commentHeader } from '../../src/report/artifact-name.ts';
import { ON_A_LAPTOP, ON_GITHUB } from '../fakes/state.ts';

describe('artifactName', () => {
  test('says which job and attempt it is of', () => {
    expect(artifactName(ON_GITHUB, 'null')).toMatch(/^load-test-load-2-[0-9a-f]{8}$/);
  });

  test('works without a job', () => {
    expect(artifactName(ON_A_LAPTOP, '')).toMatch(/^load-test-job-1-[0-9a-f]{8}$/);
  });

  test('is the same for the same leg, however its keys are ordered', () => {
    expect(artifactName(ON_GITHUB, '{"a": 1, "b": 2}')).toBe(artifactName(ON_GITHUB, '{"b":2,"a":1}'));
  });

  test('differs between jobs, attempts, workflows and legs', () => {
    const names = [
      artifactName(ON_GITHUB, 'null'),
      artifactName({ ...ON_GITHUB, job: 'other' }, 'null'),
      artifactName({ ...ON_GITHUB, attempt: 3 }, 'null'),
      artifactName({ ...ON_GITHUB, workflow: 'other' }, 'null'),
      artifactName(ON_GITHUB, '{"node":20}'),
      artifactName(ON_GITHUB, '{"node":24}'),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test('is one that GitHub takes, whatever the job is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (job, matrix) => {
        const name = artifactName({ ...ON_GITHUB, job }, matrix);
        expect(name).toMatch(/^[\w.-]+$/);
        expect(name.length).toBeLessThanOrEqual(100);
      }),
    );
  });
});

test('the comment of a job is known by workflow, job and matrix leg', () => {
  expect(commentHeader(ON_GITHUB, '{"node":20}')).toBe('["Load test","load",{"node":20}]');
  expect(commentHeader(ON_A_LAPTOP, '')).toBe('["","",null]');
});
