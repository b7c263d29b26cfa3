import { z } from 'zod';

export const count = z.int().min(0);
export const ratio = z.number().min(0).max(1);
export const timestamp = z.iso.datetime();
export const nullableNumber = z.number().nullable();

/** The range that holds the true value with 95 % confidence. */
export const interval = z.strictObject({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof interval>;
