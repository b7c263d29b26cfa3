/** The type of a certificate's key: it decides how much CPU a handshake costs the server. */
export type KeyKind =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly kind: 'ed25519' };

/** The type of certificates when no other is requested. */
export const DEFAULT_KEY: KeyKind = { kind: 'ec', curve: 'P-256' };
