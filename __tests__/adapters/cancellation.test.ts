import { describe, expect, test } from '@jest/globals';
import { cancelledBySignals, exitCodeOf, orUncaughtErrors } from '../../src/adapters/cancellation.ts';

describe('the exit code of a command line', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('after %s is %s, as shells give it', (name, code) => {
    const before = ['SIGINT', 'SIGTERM', 'SIGHUP'].map(
      (each) => [each, process.listeners(each as NodeJS.Signals)] as const,
    );
    const signal = orUncaughtErrors(cancelledBySignals('What was measured is kept.'), () => undefined);
    expect(exitCodeOf(signal)).toBeNull();
    process.emit(name);
    expect(exitCodeOf(signal)).toBe(code);
    for (const [each, kept] of before) {
      for (const listener of process.listeners(each as NodeJS.Signals))
        if (!kept.includes(listener)) process.off(each, listener);
    }
  });

  test('is not that of a signal when something else ended the run', () => {
    expect(exitCodeOf(AbortSignal.abort(new Error('The time is up')))).toBeNull();
  });
});
