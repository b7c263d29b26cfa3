/** What kind of key a certificate is for: a handshake costs the server very different amounts of CPU with each. */
export type KeyKind =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly kind: 'ed25519' };

/** The kind that certificates have where nobody asks for another. */
export const DEFAULT_KEY: KeyKind = { kind: 'ec', curve: 'P-256' };
