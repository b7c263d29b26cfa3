import type { Report } from '../../model/report.ts';
import { endText, trustText } from '../words/https-text.ts';
import { notes, type Section, textColumn } from './section.ts';

/** The certificate of each HTTPS host, and what verified it. */
export function https({ https: hosts = [] }: Report): Section | null {
  if (hosts.length === 0) return null;
  const compared = hosts.some(({ side }) => side !== undefined);
  const doubtful = hosts.some(({ verifiedBy }) => verifiedBy === null);
  return {
    id: 'https',
    title: 'HTTPS',
    // Open when a certificate was not verified.
    ...(doubtful ? {} : { inMarkdown: 'folded' as const }),
    blocks: [
      {
        kind: 'table',
        caption: 'Certificates by host',
        columns: [
          'Host',
          ...(compared ? ['Side'] : []),
          'Certificate of',
          'Issued by',
          'Key',
          'Ends',
          'Verified by',
          'SHA-256',
        ].map(textColumn),
        rows: hosts.map((seen) => [
          { code: `https://${seen.host}` },
          ...(compared ? [seen.side ?? ''] : []),
          seen.certificate.subject,
          seen.certificate.issuer,
          `${seen.certificate.key}, ${seen.protocol}`,
          endText(seen),
          seen.verifiedBy === null ? { strong: 'not verified' } : trustText(seen.verifiedBy),
          { code: seen.certificate.fingerprint },
        ]),
      },
      ...notes(
        hosts.flatMap(({ host, unverified }) =>
          unverified === null ? [] : [`The certificate of https://${host} was not verified: ${unverified}.`],
        ),
      ),
    ],
  };
}
