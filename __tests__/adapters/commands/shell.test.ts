import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killLeftGroup, type ProcessIdentity } from '../../../src/adapters/commands/process-groups.ts';
import { openShell, quoteCommand, type RunOptions, type ShellSettings } from '../../../src/adapters/commands/shell.ts';
import { CommandError, StageError } from '../../../src/errors.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();
const LONG = 60_000;

const shell = (settings: Partial<ShellSettings> = {}) =>
  openShell({ signal: new AbortController().signal, ...settings });
const node = (code: string, options: Partial<RunOptions> = {}, settings: Partial<ShellSettings> = {}) =>
  shell(settings).run(process.execPath, ['-e', code], { deadlineMs: LONG, ...options });

async function failure(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CommandError)) throw error as Error;
  return error;
}

/** Whether a process runs; one that has ended but was not waited for does not. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const { stdout } = await shell()
    .run('ps', ['-o', 'stat=', '-p', String(pid)], { deadlineMs: LONG })
    .catch(() => ({ stdout: 'Z' }));
  return !stdout.trim().startsWith('Z');
}

/** Gives a process that was sent a signal the time to end. */
async function endsSoon(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (!(await isRunning(pid))) return true;
    await sleep(100);
  }
  return false;
}

describe('a command that ends well', () => {
  test('gives its output', async () => {
    const result = await node('process.stdout.write("out\\n"); process.stderr.write("err")');
    expect(result).toMatchObject({ exitCode: 0, signal: null, stdout: 'out\n', stderr: 'err' });
  });

  test('hands on its output while it runs, and keeps none of it', async () => {
    const heard: string[] = [];
    const ended = new AbortController();
    const running = node('process.stdout.write("é1\\n"); setInterval(() => undefined, 1000)', {
      signal: ended.signal,
      onStdout: (text) => {
        heard.push(text);
        ended.abort();
      },
    });
    expect((await failure(running)).result.stdout).toBe('');
    expect(heard.join('')).toBe('é1\n');
  });

  test('hands its output on while it prints it, characters whole, and keeps none', async () => {
    const parts: string[] = [];
    const { stdout } = await node(
      'const b = Buffer.from("é\\n"); process.stdout.write(b.subarray(0, 1)); setTimeout(() => process.stdout.write(b.subarray(1)), 50)',
      { onStdout: (text) => parts.push(text) },
    );
    expect([parts.join(''), stdout]).toEqual(['é\n', '']);
  });

  test('hands on what it says on its standard error, and keeps it for the error', async () => {
    const parts: string[] = [];
    const { result } = await failure(
      node('console.error("step 1"); process.exitCode = 3', { onStderr: (text) => parts.push(text) }),
    );
    expect([parts.join(''), result.stderr]).toEqual(['step 1\n', 'step 1\n']);
  });

  test('is ended by an error of who takes its output, and with that error', async () => {
    const take = (): void => {
      throw new RangeError('no more');
    };
    await expect(
      node('process.stdout.write("x"); setInterval(() => process.stdout.write("x"), 10)', { onStdout: take }),
    ).rejects.toThrow(new RangeError('no more'));
  });

  test('reads what it is given', async () => {
    const text = `é${'x'.repeat(200_000)}`;
    const { stdout } = await node('process.stdin.on("data", (chunk) => process.stdout.write(chunk))', { stdin: text });
    expect(stdout).toBe(text);
  });

  test('that does not read its input is fine too', async () => {
    expect(await node('', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
  });

  test('without input has an empty one, and does not wait for a person', async () => {
    expect(await node('process.stdin.resume(); process.stdin.on("end", () => console.log("end"))')).toMatchObject({
      stdout: 'end\n',
    });
  });

  test('sees the environment with what was added', async () => {
    const { stdout } = await node('console.log(process.env.ADDED, process.env.PATH !== undefined)', {
      env: { ADDED: 'yes' },
    });
    expect(stdout).toBe('yes true\n');
  });

  test('gets each argument as it is, with no shell in between', async () => {
    const args = ['a b', '$(id)', '*', '"', "'", '', '--x=;y'];
    const { stdout } = await shell().run(
      process.execPath,
      ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
      { deadlineMs: LONG },
    );
    expect(JSON.parse(stdout)).toEqual(args);
  });
});

describe('a command that fails', () => {
  test('tells its exit code, its outputs and how to run it again', async () => {
    const error = await failure(node('console.log("some"); console.error("why"); process.exit(3)'));
    expect(error).toMatchObject({
      reason: 'exit',
      result: { exitCode: 3, signal: null, stdout: 'some\n', stderr: 'why\n' },
    });
    expect(error.message).toMatch(/^Command failed with exit code 3 after \d+\.\d s: \S+node -e '/);
    expect(error.message).toContain('stderr:\n  why\nstdout:\n  some');
  });

  test('by a signal says by which', async () => {
    expect(await failure(node('process.kill(process.pid, "SIGKILL")'))).toMatchObject({
      reason: 'exit',
      result: { exitCode: null, signal: 'SIGKILL' },
    });
  });

  test('because it does not exist was not started', async () => {
    expect(await failure(shell().run('no-such-command-at-all', [], { deadlineMs: LONG }))).toMatchObject({
      reason: 'not-started',
      result: { exitCode: null },
    });
  });

  test('because it may not be executed was not started', async () => {
    const file = join(folder(), 'tool');
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 });
    expect(await failure(shell().run(file, [], { deadlineMs: LONG }))).toMatchObject({ reason: 'not-started' });
  });
});

describe('a command that takes too long', () => {
  const FOREVER = 'while :; do sleep 0.2; done';
  /** A script says something when it is ready for its end; on a busy machine that takes it more than one attempt. */
  const sh = async (script: string): Promise<CommandError> => {
    for (let deadlineMs = 500; ; deadlineMs *= 4) {
      const error = await failure(shell().run('sh', ['-c', script], { deadlineMs }));
      if (error.result.stdout !== '' || deadlineMs > 5000) return error;
    }
  };

  test('is asked to end, and what it said until then is kept', async () => {
    const error = await sh(`trap 'exit 0' INT; echo begun; ${FOREVER}`);
    expect(error).toMatchObject({ reason: 'timeout', result: { stdout: 'begun\n' } });
    expect(error.message).toContain('took longer than its deadline');
  });

  test('is killed when it does not listen', async () => {
    expect(await sh(`trap '' INT; echo begun; ${FOREVER}`)).toMatchObject({
      reason: 'timeout',
      result: { signal: 'SIGKILL' },
    });
  });

  test('ends together with its children and theirs, also with those that do not listen', async () => {
    // The command itself ends at once when it is asked to; only its child does not.
    const error = await sh(`sh -c "trap '' INT HUP; echo \\$\\$; ${FOREVER}" & wait`);
    const child = Number(error.result.stdout.trim());
    expect(child).toBeGreaterThan(1);
    expect(await endsSoon(child)).toBe(true);
  }, 20_000);
});

test('a child that outlives its command and holds its output does not hold up the run', async () => {
  const child = 'setTimeout(() => {}, 20000)';
  const { stdout } = await node(
    `const c = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" }); c.unref(); console.log(c.pid); process.exit(0)`,
  );
  const left = Number(stdout);
  expect(await isRunning(left)).toBe(true);
  process.kill(left, 'SIGKILL');
});

describe('when the run is cancelled', () => {
  const reason = new StageError('cancelled', 'stop');

  test('a running command is ended', async () => {
    const controller = new AbortController();
    const work = failure(
      node(
        'setInterval(() => {}, 1000); console.log("x")',
        {},
        {
          signal: controller.signal,
          onStart: () =>
            setImmediate(() => {
              controller.abort(reason);
            }),
        },
      ),
    );
    expect(await work).toMatchObject({ reason: 'cancelled', cause: reason });
  });

  test('no other one is started', async () => {
    const started: ProcessIdentity[] = [];
    const error = await failure(
      node('', {}, { signal: AbortSignal.abort(reason), onStart: (group) => started.push(group) }),
    );
    expect(error).toMatchObject({ reason: 'cancelled', cause: reason });
    expect(started).toEqual([]);
  });

  test('a command may have a signal of its own, or none', async () => {
    const cancelled = { signal: AbortSignal.abort(reason) };
    expect(await node('', { signal: null }, cancelled)).toMatchObject({ exitCode: 0 });
    expect(await node('', { signal: new AbortController().signal }, cancelled)).toMatchObject({ exitCode: 0 });
    expect(await failure(node('', { signal: AbortSignal.abort(reason) }))).toMatchObject({ reason: 'cancelled' });
  });
});

describe('a process group', () => {
  test('is told about while it lives', async () => {
    const told: string[] = [];
    await node(
      '',
      {},
      { onStart: ({ pid }) => told.push(`start ${String(pid)}`), onEnd: ({ pid }) => told.push(`end ${String(pid)}`) },
    );
    expect(told).toHaveLength(2);
    expect(told[1]).toBe(told[0]?.replace('start', 'end'));
  });

  test('that was left behind is killed by a later process', async () => {
    let left: ProcessIdentity | undefined;
    const killed: boolean[] = [];
    const error = await failure(
      node(
        'setInterval(() => {}, 1000)',
        {},
        {
          onStart: (group) => {
            left = group;
            setImmediate(() => killed.push(killLeftGroup(group)));
          },
        },
      ),
    );
    expect(error.result.signal).toBe('SIGKILL');
    expect(killed).toEqual([true]);
    expect(left === undefined ? true : killLeftGroup(left)).toBe(false);
  });

  test('whose leader is dead is killed by the tag that its children inherited', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connected = once(server, 'connection') as Promise<[Socket]>;
    // The leader starts a child in its own group, which holds a connection as long as it lives, and ends.
    const child = `require('node:net').connect(${String((server.address() as AddressInfo).port)}, '127.0.0.1').resume()`;
    const leader = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'ignore' }).unref()`;
    let left: ProcessIdentity | undefined;
    await node(
      leader,
      {},
      {
        onStart: (group) => {
          left = group;
        },
      },
    );
    const [socket] = await connected;
    if (left === undefined) throw new Error('it was not told about');
    // The same number, of a command of somebody else.
    expect(killLeftGroup({ ...left, tag: 'of another command' })).toBe(false);
    expect(killLeftGroup({ ...left, tag: undefined })).toBe(false);
    expect(killLeftGroup(left)).toBe(true);
    await once(
      socket.resume().on('error', () => undefined),
      'close',
    );
    server.close();
  });

  test('whose number belongs to another process by now is left alone', () => {
    expect(killLeftGroup({ pid: process.pid, startTime: '1' })).toBe(false);
    expect(killLeftGroup({ pid: process.pid, startTime: null })).toBe(false);
  });
});

describe('a command as one can paste it', () => {
  const table = [
    {
      name: 'plain words stay',
      command: 'kubectl',
      args: ['get', 'pods', '--namespace=echo'],
      expected: 'kubectl get pods --namespace=echo',
    },
    {
      name: 'a word with a space is quoted',
      command: '/my tools/kind',
      args: ['a b'],
      expected: "'/my tools/kind' 'a b'",
    },
    {
      name: 'what a shell would read is quoted',
      command: 'x',
      args: ['$(id)', '*', ';', '{{.}}'],
      expected: "x '$(id)' '*' ';' '{{.}}'",
    },
    { name: 'a quote in a quote', command: 'x', args: ["it's"], expected: "x 'it'\\''s'" },
    { name: 'an empty word', command: 'x', args: [''], expected: "x ''" },
  ];
  test.each(table)('$name', ({ command, args, expected }) => {
    expect(quoteCommand(command, args)).toBe(expected);
  });

  test('a shell reads back the very same words', async () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));
    const words = fc.sample(word, { numRuns: 60, seed: 7 });
    const script = quoteCommand(process.execPath, [
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '--',
      ...words,
    ]);
    const { stdout } = await shell().run('sh', ['-c', script], { deadlineMs: LONG });
    expect(JSON.parse(stdout)).toEqual(words);
  });
});
