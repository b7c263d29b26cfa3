import type { z } from 'zod';
import { StageError } from '../errors.ts';
import { cut } from '../text/cut.ts';

/**
 * Reads the answer of a tool or a service.
 *
 * @param who the request, as the subject of a sentence: `kubectl get pods`.
 * @throws StageError `unexpected-answer` with the first place that does not match.
 */
export function answerOf<T extends z.ZodType>(who: string, schema: T, answer: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(answer);
  if (success) return data;
  const path = error.issues[0]?.path ?? [];
  const found = path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    answer,
  );
  const place = path.length === 0 ? 'the answer' : path.map(String).join('.');
  throw unexpected(who, `${place} is ${kindOf(found)}`, error);
}

/** Like `readAnswer`, for a text that should be JSON. */
export function jsonOf(who: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const begin = cut(text.trim(), 80);
    throw unexpected(
      who,
      text.trim() === ''
        ? 'it is empty'
        : `it is not JSON${begin === '' ? '' : `, and begins with ${JSON.stringify(begin)}`}`,
      error,
    );
  }
}

/** An answer that the caller can't use. */
export const unexpected = (who: string, why: string, cause?: unknown): StageError =>
  new StageError('unexpected-answer', `${who} gave an unusable answer: ${why}.`, {
    hint: 'Something in between answered instead, or this tool does not know that version.',
    cause,
  });

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${cut(JSON.stringify(value), 80)}`;
}
