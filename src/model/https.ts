import { z } from 'zod';
import { list, text, timestamp } from './units.ts';

/** What a server shows of itself, without anything secret. */
const certificate = z.strictObject({
  /** Distinguished names of one line, such as `CN=shop.localhost, O=Shop`. */
  subject: text,
  issuer: text,
  /** Host names and addresses that it is for. */
  names: list(text),
  /** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprint: text,
  notBefore: timestamp,
  notAfter: timestamp,
  /** Kind and size of its key, such as `RSA 2048` or `EC P-256`. */
  key: text,
});
export type Certificate = z.infer<typeof certificate>;

/** Who vouches for a certificate. */
const trustSource = z.strictObject({
  /** `system`: its roots. `run`: the authority that the run made. `secret`: a Secret that the routes name. `input`: input `ca`. */
  kind: z.enum(['system', 'run', 'secret', 'input']),
  /** The Secret as `namespace/name`, or the subject of the certificate that vouches. */
  name: text,
});
export type TrustSource = z.infer<typeof trustSource>;

/** One host that was asked over HTTPS before the load. */
export const httpsHost = z.strictObject({
  /** As it was asked. */
  host: text,
  /** Of a comparison; missing without one. */
  side: z.enum(['base', 'head']).optional(),
  /** Such as `TLSv1.3`. */
  protocol: text,
  certificate,
  /** Null where nothing vouches for the certificate, and it was used all the same. */
  verifiedBy: trustSource.nullable(),
  /** Why it was used without; null where it was verified. */
  unverified: text.nullable(),
});
export type HttpsHost = z.infer<typeof httpsHost>;
