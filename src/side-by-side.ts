import type { Shell } from './adapters/commands/shell.ts';
import type { Context } from './context.ts';

/**
 * Runs parts of a stage side by side. The first one that fails ends the others, and is thrown when
 * none of them runs any more: what a stage left running would change the state behind the next one.
 */
export async function sideBySide(
  context: Context,
  ...parts: readonly ((context: Context) => Promise<void>)[]
): Promise<void> {
  const others = new AbortController();
  const each = withSignal(context, others.signal);
  const errors: unknown[] = [];
  await Promise.all(
    parts.map(async (part) => {
      try {
        await part(each);
      } catch (error) {
        errors.push(error);
        others.abort(error);
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
}

/**
 * Does the same with each of a list, a few at a time and in the order of the list.
 *
 * @param limit how many at most at the same time.
 * @param work does it with one; what it throws ends none of the others, and is left to it.
 * @param goesOn asked before each one; once it says no, no further one is begun.
 */
export async function aFewAtATime<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      if (next >= items.length || item === undefined || !goesOn()) return;
      next += 1;
      await work(item).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

/** The context for a part of a stage that ends when the run does, and when a signal of its own is aborted. */
export function withSignal(context: Context, own: AbortSignal): Context {
  const signal = AbortSignal.any([context.signal, own]);
  const shell: Shell = { run: (command, args, options) => context.shell.run(command, args, { signal, ...options }) };
  return { ...context, signal, shell };
}
