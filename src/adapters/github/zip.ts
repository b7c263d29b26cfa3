import { buffer } from 'node:stream/consumers';
import { fromBufferPromise, type ZipFile } from 'yauzl';

/** More files than any report of ours has; a hostile archive may claim to have millions. */
const MOST_ENTRIES = 20_000;

/**
 * One file of a zip archive in memory, by its exact name; null when the archive has none. No name in
 * the archive is used as a path, and nothing is written.
 *
 * @throws Error when the archive is damaged, or the file larger than maxBytes.
 */
export async function readZipEntry(zip: Buffer, name: string, maxBytes: number): Promise<Buffer | null> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true, validateEntrySizes: true });
  try {
    return await findEntry(archive, name, maxBytes);
  } finally {
    archive.close();
  }
}

async function findEntry(archive: ZipFile, name: string, maxBytes: number): Promise<Buffer | null> {
  let count = 0;
  for await (const entry of archive.eachEntry()) {
    count += 1;
    if (count > MOST_ENTRIES) throw new Error(`the archive has more than ${String(MOST_ENTRIES)} files`);
    if (entry.fileName !== name) continue;
    // The size is a claim, but yauzl ends a stream that gives more than it.
    if (entry.uncompressedSize > maxBytes) throw new Error(`${name} is larger than ${String(maxBytes)} bytes`);
    if (!entry.canDecodeFileData()) throw new Error(`${name} is encrypted or packed in an unknown way`);
    return await buffer(await archive.openReadStreamPromise(entry));
  }
  return null;
}
