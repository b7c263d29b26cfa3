import { z } from 'zod';

/** More than any text or list in a report has; a stranger's report is read, too. */
const LONGEST_TEXT = 200_000;
const LONGEST_LIST = 20_000;

/** Text from any source. */
export const text = z.string().max(LONGEST_TEXT);
/** A list of anything that a report has many of. */
export const list = <T extends z.ZodType>(item: T): z.ZodArray<T> => z.array(item).max(LONGEST_LIST);
/** Values by name. */
export const table = <T extends z.ZodType>(value: T): z.ZodRecord<typeof text, T> =>
  z.record(text, value).refine((values) => Object.keys(values).length <= LONGEST_LIST, 'too many names');

export const count = z.int().min(0);
export const ratio = z.number().min(0).max(1);
export const timestamp = z.iso.datetime();
export const nullableNumber = z.number().nullable();

/** The range that contains the true value with 95 % confidence. */
export const interval = z.strictObject({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof interval>;
