import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';

/** Where systems keep the certificates that their administrators trust: Debian, Fedora, Alpine and macOS. */
const SYSTEM_FILES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

let roots: readonly string[] | null = null;

/**
 * The certificates, in PEM, that this machine trusts: those that Node.js brings, and those of the system, in the place
 * of which the variable SSL_CERT_FILE may name a file, as for OpenSSL. Read once.
 */
export const trustedRoots = (): readonly string[] =>
  (roots ??= [...new Set([...tls.rootCertificates, ...systemRoots()])]);

function systemRoots(): readonly string[] {
  const named = process.env['SSL_CERT_FILE'];
  if (named === undefined || named === '') {
    // From Node.js 22.15 on, which also looks where macOS and Windows keep theirs.
    const get: unknown = Reflect.get(tls, 'getCACertificates');
    if (typeof get === 'function') return (get as (type: string) => string[])('system');
  }
  for (const file of named === undefined || named === '' ? SYSTEM_FILES : [named]) {
    const pem = readIfThere(file);
    if (pem !== null) return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  }
  return [];
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}
