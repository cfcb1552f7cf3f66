// SPDX-License-Identifier: MIT
/** The library in this thread: loads the module of WebAssembly and calls it. In a page, `worker.ts` does. */
import { sha256 } from '@noble/hashes/sha2.js';

import { type Answer, type CallName, MicrogptError, type Request } from './messages.js';

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  microgpt_take(isBeside: number, size: number): number;
  microgpt_answer(): void;
  microgpt_given(isBeside: number): number;
  microgpt_given_size(isBeside: number): number;
}

const text = { encoder: new TextEncoder(), decoder: new TextDecoder() };
const bad = 8; // WASI's EBADF: there are no files

/**
 * Whether a relaxed multiply-add of this browser on this processor rounds once, by a module of one function:
 * a * b + c of a = 1 + 2^-23, b = (1 - 2^-23) 2^-24, c = 1 + 2^-23, which is 1 + 2^-23 if it does and else 1 + 2^-22.
 */
export function fusesMultiplyAdd(): boolean {
  // (func (export "f") (param f32 f32 f32) (result f32): the first lane of f32x4.relaxed_madd of the three splat.
  const code = new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // the magic number and version
    1, 8, 1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d, // the type
    3, 2, 1, 0, // the function
    7, 5, 1, 1, 0x66, 0, 0, // its export
    10, 22, 1, 20, 0, // its code
    0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13, 0x20, 2, 0xfd, 0x13, // three splats
    0xfd, 0x85, 0x02, // f32x4.relaxed_madd
    0xfd, 0x1f, 0, // lane 0
    0x0b,
  ]);
  if (!WebAssembly.validate(code)) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  const f = exports.f as (a: number, b: number, c: number) => number;
  const next = 1 + 2 ** -23;
  return f(next, (1 - 2 ** -23) * 2 ** -24, next) === next;
}

/** The library, whose calls block this thread. */
export class Microgpt {
  private constructor(private readonly exports: Exports) {}

  /** Of the bytes or the response of `microgpt-fused.wasm`, where fusesMultiplyAdd(), or `microgpt-compatible.wasm`. */
  static async load(source: BufferSource | Response | Promise<Response>): Promise<Microgpt> {
    let memory: WebAssembly.Memory | undefined;
    const bytes = () => new Uint8Array(memory!.buffer);
    const view = () => new DataView(memory!.buffer);
    let line = '';
    const wasi = {
      clock_time_get(_clock: number, _precision: bigint, to: number) {
        view().setBigUint64(to, BigInt(Math.round(performance.now() * 1e6)), true);
        return 0;
      },
      // The library itself never writes; what ends the C++ library says why.
      fd_write(_file: number, vectors: number, count: number, to: number) {
        let written = 0;
        for (let i = 0; i < count; ++i) {
          const begin = view().getUint32(vectors + 8 * i, true);
          const size = view().getUint32(vectors + 8 * i + 4, true);
          line += text.decoder.decode(bytes().slice(begin, begin + size));
          written += size;
        }
        view().setUint32(to, written, true);
        return 0;
      },
      proc_exit(code: number) {
        throw new MicrogptError(`the library ended with ${code}: ${line.trim()}`, 'stopped');
      },
      environ_sizes_get(count: number, size: number) {
        view().setUint32(count, 0, true);
        view().setUint32(size, 0, true);
        return 0;
      },
      environ_get: () => 0,
      fd_close: () => bad,
      fd_read: () => bad,
      fd_seek: () => bad,
      fd_sync: () => bad,
    };
    const page = {
      sha256(begin: number, size: number, to: number) {
        bytes().set(sha256(bytes().subarray(begin, begin + size)), to);
      },
    };
    const imports = { wasi_snapshot_preview1: wasi, page };
    const { instance } =
      source instanceof ArrayBuffer || ArrayBuffer.isView(source)
        ? await WebAssembly.instantiate(source, imports)
        : await WebAssembly.instantiateStreaming(source, imports);
    const exports = instance.exports as unknown as Exports;
    memory = exports.memory;
    exports._initialize();
    return new Microgpt(exports);
  }

  /** Bytes of memory that the module has taken. */
  get memory(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** Throws MicrogptError. */
  call<Name extends CallName>(name: Name, request: Request<Name>): Answer<Name> {
    const { bytes: beside, ...fields } = request as { bytes?: Uint8Array };
    this.give(0, text.encoder.encode(JSON.stringify({ do: name, ...fields })));
    if (beside) this.give(1, beside);
    this.exports.microgpt_answer();
    const answer = JSON.parse(text.decoder.decode(this.given(0)));
    if (answer.error) throw new MicrogptError(answer.error.message, answer.error.kind);
    return { ...answer, bytes: this.given(1).slice() };
  }

  private give(isBeside: number, from: Uint8Array): void {
    const at = this.exports.microgpt_take(isBeside, from.length);
    if (at === 0) throw new MicrogptError('the browser gives no more memory: take fewer lines', 'memory');
    new Uint8Array(this.exports.memory.buffer).set(from, at);
  }

  private given(isBeside: number): Uint8Array {
    const at = this.exports.microgpt_given(isBeside);
    return new Uint8Array(this.exports.memory.buffer).subarray(at, at + this.exports.microgpt_given_size(isBeside));
  }
}
