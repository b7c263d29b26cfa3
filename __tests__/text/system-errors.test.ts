import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '../../src/errors.ts';
import { systemFault } from '../../src/text/system-errors.ts';

const thrownBy = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('what the operating system refuses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refused-'));
  const refused = [
    { name: 'a folder in the place of a file', run: () => readFileSync(folder), code: 'EISDIR' },
    { name: 'a file that is not there', run: () => readFileSync(join(folder, 'no')), code: 'ENOENT' },
    {
      name: 'a name that is too long',
      run: () => {
        writeFileSync(join(folder, 'x'.repeat(300)), '');
      },
      code: 'ENAMETOOLONG',
    },
    { name: 'a folder that is none', run: () => readFileSync('/dev/null/x'), code: 'ENOTDIR' },
  ];
  test.each(refused)('$name is told in words, and is no defect of the program', ({ run, code }) => {
    const error = thrownBy(run);
    expect(systemFault(error)?.code).toBe(code);
    expect(describeError(error)).toMatchObject({ code: 'system-refused', tryThis: null });
    expect(describeError(error).message).toMatch(/: .* \(E[A-Z]+, \w+\)\.$/);
  });

  test('a full disk has a code of its own', () => {
    const error = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write', path: '/x' });
    expect(describeError(error)).toMatchObject({
      code: 'disk-full',
      message: "/x can't be used: the disk is full (ENOSPC, write).",
    });
  });

  test('a connection that fails is no matter of files', async () => {
    const error = await new Promise((resolve) =>
      connect({ path: join(folder, 'no-socket'), host: '127.0.0.1' }).once('error', resolve),
    );
    expect(systemFault(Object.assign(error as object, { address: '127.0.0.1' }))).toBeNull();
  });

  test.each([new Error('x'), null, 'ENOENT', { code: 'ENOENT' }, { code: 'ABORT_ERR', syscall: 'read' }])(
    '%p is none',
    (error) => {
      expect(systemFault(error)).toBeNull();
    },
  );
});
