// SPDX-License-Identifier: MIT
/** Zip files: written without compression, read with or without (PKWARE's APPNOTE.TXT, 4.3). */
import type { ModelFile } from '../module/messages';

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; ++bit) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

const sizes = { local: 30, central: 46, end: 22 };
const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 };
const day = 0x5c21; // 2026-01-01: the same files make the same zip

/** The same files in a folder. */
export function zipOf(folder: string, files: ModelFile[]): Uint8Array {
  const named = files.map((file) => ({ ...file, path: new TextEncoder().encode(`${folder}/${file.name}`), crc: crc32(file.bytes) }));
  const total = named.reduce((sum, { path, bytes }) => sum + sizes.local + sizes.central + 2 * path.length + bytes.length, sizes.end);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  let at = 0;
  const put = (...fields: [bytes: 2 | 4, value: number][]) => {
    for (const [size, value] of fields) {
      if (size === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += size;
    }
  };
  const append = (bytes: Uint8Array) => {
    out.set(bytes, at);
    at += bytes.length;
  };
  // Version 2.0, names in UTF-8, stored; the time, the date, the sum, both sizes, and the lengths of the name and of what follows.
  const common = ({ path, bytes, crc }: (typeof named)[number]) =>
    put([2, 20], [2, 0x800], [2, 0], [2, 0], [2, day], [4, crc], [4, bytes.length], [4, bytes.length], [2, path.length], [2, 0]);
  const places = named.map((file) => {
    const place = at;
    put([4, signatures.local]);
    common(file);
    append(file.path);
    append(file.bytes);
    return place;
  });
  const directory = at;
  named.forEach((file, i) => {
    put([4, signatures.central], [2, 20]);
    common(file);
    put([2, 0], [2, 0], [2, 0], [4, 0], [4, places[i]]);
    append(file.path);
  });
  const length = at - directory;
  put([4, signatures.end], [2, 0], [2, 0], [2, named.length], [2, named.length], [4, length], [4, directory], [2, 0]);
  return out;
}

/** Throws Error with a sentence. Folders are left out, and so are the names of folders. */
export async function unzip(bytes: Uint8Array): Promise<ModelFile[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const damaged = new Error('the zip file is damaged; download the model again');
  let end = bytes.length - sizes.end;
  while (end >= 0 && view.getUint32(end, true) !== signatures.end) --end;
  if (end < 0) throw damaged;
  const files: ModelFile[] = [];
  try {
    let at = view.getUint32(end + 16, true);
    for (let left = view.getUint16(end + 10, true); left > 0; --left) {
      if (view.getUint32(at, true) !== signatures.central) throw damaged;
      const method = view.getUint16(at + 10, true);
      const crc = view.getUint32(at + 16, true);
      const size = view.getUint32(at + 20, true);
      const nameLength = view.getUint16(at + 28, true);
      const path = new TextDecoder().decode(bytes.subarray(at + sizes.central, at + sizes.central + nameLength));
      const local = view.getUint32(at + 42, true);
      const begin = local + sizes.local + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const packed = bytes.slice(begin, begin + size);
      at += sizes.central + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
      if (path.endsWith('/')) continue;
      const unpacked = method === 0 ? packed : await inflate(packed);
      if (crc32(unpacked) !== crc) throw damaged;
      files.push({ name: path.replace(/.*\//, ''), bytes: unpacked });
    }
  } catch {
    throw damaged;
  }
  return files;
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
