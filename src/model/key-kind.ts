import { z } from 'zod';

/** What kind of key a certificate is for: a handshake costs the server very different amounts of CPU with each. */
export const keyKind = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rsa'), bits: z.int() }),
  z.strictObject({ kind: z.literal('ec'), curve: z.enum(['P-256', 'P-384', 'P-521']) }),
  z.strictObject({ kind: z.literal('ed25519') }),
]);
export type KeyKind = z.infer<typeof keyKind>;

/** The kind that certificates have where nobody asks for another. */
export const DEFAULT_KEY: KeyKind = { kind: 'ec', curve: 'P-256' };
