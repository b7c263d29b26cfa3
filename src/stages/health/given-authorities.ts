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
  if (certificates.length === 0) throw noCertificate(ca, text);
  return certificates.map((pem) => {
    try {
      return { pem, from: { kind: 'input', name: describeCertificate(pem).subject } };
    } catch (cause) {
      throw new StageError('input-invalid', `${shown}, but a certificate in it can't be read.`, {
        hint: 'Was it truncated? Give the file as the authority published it.',
        cause,
      });
    }
  });
}

/** A key is told by its kind alone: nothing of the file is shown. */
function noCertificate(file: string, text: string): StageError {
  const shown = `Input ca is ${JSON.stringify(file)}`;
  const [, what] = /-----BEGIN ((?:[A-Z0-9]+ )*(?:PRIVATE KEY|PUBLIC KEY|CERTIFICATE REQUEST))-----/.exec(text) ?? [];
  if (what !== undefined) {
    return new StageError('input-invalid', `${shown}, but that file holds ${aWord(what)} and no certificate.`, {
      hint: 'Give the certificate of the authority, which anybody may see: between BEGIN CERTIFICATE and END CERTIFICATE. Its key is not needed.',
    });
  }
  return new StageError('input-invalid', `${shown}, but that file has no certificate.`, {
    hint: 'It must hold certificates in PEM, each between BEGIN CERTIFICATE and END CERTIFICATE. One in DER becomes PEM by the command below.',
    tryThis: `openssl x509 -inform der -in ${shellWord(file)} -out ca.pem`,
  });
}

const aWord = (label: string): string => (label.includes('PRIVATE') ? 'a private key' : `a ${label.toLowerCase()}`);

function readTextOf(file: string): string {
  if (isFolder(file)) {
    throw new StageError('input-invalid', `Input ca is ${JSON.stringify(file)}, which is a folder.`, {
      hint: 'Name one file with certificates in PEM. Several are given in one file, one after the other.',
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
