// SPDX-License-Identifier: MIT
/** What can be done about a file that is no UTF-8: offers beside the error. The library says what is wrong. */
import type { MicrogptError } from '../module/microgpt';
import type { Offer } from './dom';
import { showError } from './dom';
import type { Documents } from './session';

export interface Remedies {
  /** Reads it again, with a replacement for each invalid byte. */
  replace(): void;
  take(bytes: Uint8Array, name: string): void;
}

export function remediesFor(error: MicrogptError, given: Documents | undefined, { replace, take }: Remedies): Offer[] {
  if (!given || error.kind !== 'error') return [];
  const { bytes, name } = given;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return [['Unpack it', () => void unpack(bytes, name, take)]];
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
  if (utf16) return [['Convert it to UTF-8', () => take(new TextEncoder().encode(new TextDecoder(utf16).decode(bytes)), name)]];
  if (/is not UTF-8/.test(error.message)) return [['Replace what is not UTF-8', replace]];
  return [];
}

async function unpack(bytes: Uint8Array, name: string, take: Remedies['take']): Promise<void> {
  try {
    const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
    take(new Uint8Array(await new Response(stream).arrayBuffer()), name.replace(/\.gz$/, ''));
  } catch {
    showError('error', `${name} cannot be unpacked: it is damaged`);
  }
}
