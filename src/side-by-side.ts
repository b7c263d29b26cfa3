import type { Shell } from './adapters/commands/shell.ts';
import type { Context } from './context.ts';

/**
 * Runs parts of a stage in parallel. The first failure cancels the others and is thrown once none of them is running
 * any more: anything still running would change the state under the next stage.
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
 * Does the same with each item of a list, a few at a time, in order.
 *
 * @param limit the maximum at the same time.
 * @param work handles one item; its errors do not stop the others, so it must handle them itself.
 * @param goesOn is asked before each item; when it says no, no further item is started.
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

/** The context for a part of a stage that stops when the run does, or when its own signal is aborted. */
export function withSignal(context: Context, own: AbortSignal): Context {
  const signal = AbortSignal.any([context.signal, own]);
  const shell: Shell = { run: (command, args, options) => context.shell.run(command, args, { signal, ...options }) };
  return { ...context, signal, shell };
}
