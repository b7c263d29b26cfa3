import { isFolder, readText } from '../../adapters/files.ts';
import { type Authority, describeCertificate } from '../../cluster/tls/judge-certificate.ts';
import { pemCertificates } from '../../cluster/tls/tls-secrets.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { shellWord } from '../../text/shell-word.ts';

/**
 * The authorities that input `ca` names.
 *
 * @throws StageError `input-invalid` when there is no such file, or no certificate in it.
 */
export function givenAuthorities({ inputs }: Pick<Context, 'inputs'>): Authority[] {
  const { ca } = inputs;
  if (ca === null) return [];
  const text = readTextOf(ca);
  const certificates = pemCertificates(text);
  const shown = `Input ca is ${JSON.stringify(ca)}`;
  const begun = text.match(BEGIN_OF_CERTIFICATE)?.length ?? 0;
  if (certificates.length === 0 && begun === 0) throw noCertificate(ca, text);
  if (certificates.length < begun) {
    throw new StageError(
      'input-invalid',
      `${shown}, but of the ${String(begun)} certificates that begin in that file only ${String(certificates.length)} can be read.`,
      {
        hint: 'Each must be complete, between BEGIN CERTIFICATE and END CERTIFICATE. Was the file truncated, or put together from files without a line end? What OpenSSL calls TRUSTED CERTIFICATE or X509 CERTIFICATE becomes such a one by the command below.',
        tryThis: `openssl x509 -in ${shellWord(ca)} -out ca.pem`,
      },
    );
  }
  return certificates.map((pem) => {
    try {
      return { pem, from: { kind: 'input', name: describeCertificate(pem).subject } };
    } catch (cause) {
      throw new StageError('input-invalid', `${shown}, but a certificate in it can't be read.`, {
        hint: 'Was it truncated? Use the file as the authority published it.',
        cause,
      });
    }
  });
}

/**
 * Also of kinds that are not read: to leave one out silently would make its hosts untrusted for no reason that is told.
 */
const BEGIN_OF_CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** Only the kind of key is shown, nothing else from the file. */
function noCertificate(file: string, text: string): StageError {
  const shown = `Input ca is ${JSON.stringify(file)}`;
  const [, what] = /-----BEGIN ((?:[A-Z0-9]+ )*(?:PRIVATE KEY|PUBLIC KEY|CERTIFICATE REQUEST))-----/.exec(text) ?? [];
  if (what !== undefined) {
    return new StageError('input-invalid', `${shown}, but that file holds ${aWord(what)} and no certificate.`, {
      hint: 'Give the certificate of the authority, which is public: the part between BEGIN CERTIFICATE and END CERTIFICATE. Its key is not needed.',
    });
  }
  return new StageError('input-invalid', `${shown}, but that file has no certificate.`, {
    hint: 'It must have PEM certificates, each between BEGIN CERTIFICATE and END CERTIFICATE. The command below converts DER to PEM.',
    tryThis: `openssl x509 -inform der -in ${shellWord(file)} -out ca.pem`,
  });
}

const aWord = (label: string): string => (label.includes('PRIVATE') ? 'a private key' : `a ${label.toLowerCase()}`);

function readTextOf(file: string): string {
  if (isFolder(file)) {
    throw new StageError('input-invalid', `Input ca is ${JSON.stringify(file)}, which is a folder.`, {
      hint: 'Name one PEM file. It can have several certificates, one after the other.',
      tryThis: `cat ${shellWord(file)}/*.pem > ca.pem`,
    });
  }
  try {
    return readText(file);
  } catch (cause) {
    throw new StageError('input-invalid', `Input ca is ${JSON.stringify(file)}, but that file can't be read.`, {
      hint: 'Give a path relative to the working directory. In a workflow, check the repository out first (actions/checkout).',
      cause,
    });
  }
}
