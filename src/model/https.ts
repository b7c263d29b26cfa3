import { z } from 'zod';
import { list, text, timestamp } from './units.ts';

/** The public part of a server's certificate. */
const certificate = z.strictObject({
  /** Distinguished names in one line, such as `CN=shop.localhost, O=Shop`. */
  subject: text,
  issuer: text,
  /** The host names and addresses that it covers. */
  names: list(text),
  /** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprint: text,
  notBefore: timestamp,
  notAfter: timestamp,
  /** Type and size of its key, such as `RSA 2048` or `EC P-256`. */
  key: text,
});
export type Certificate = z.infer<typeof certificate>;

/** What verified a certificate. */
const trustSource = z.strictObject({
  /** `system`: its roots. `run`: the run's own CA. `secret`: a Secret that the routes name. `input`: input `ca`. */
  kind: z.enum(['system', 'run', 'secret', 'input']),
  /** The Secret as `namespace/name`, or the subject of the certificate that verified it. */
  name: text,
});
export type TrustSource = z.infer<typeof trustSource>;

/** One host that was checked over HTTPS before the load. */
export const httpsHost = z.strictObject({
  /** The requested name. */
  host: text,
  /** In a comparison; missing without one. */
  side: z.enum(['base', 'head']).optional(),
  /** Such as `TLSv1.3`. */
  protocol: text,
  certificate,
  /** Null when nothing verified the certificate and it was accepted anyway. */
  verifiedBy: trustSource.nullable(),
  /** Why it was accepted unverified; null when it was verified. */
  unverified: text.nullable(),
});
export type HttpsHost = z.infer<typeof httpsHost>;
