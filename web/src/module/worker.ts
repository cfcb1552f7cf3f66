// SPDX-License-Identifier: MIT
/** The engine room: the library in a worker, which answers one call after the other. */
import { type CallName, MicrogptError, type Request } from './messages.js';
import { fusesMultiplyAdd, Microgpt } from './wasm.js';

/** The first message names the modules; each later one is a call. */
export interface Begin {
  fused: string;
  compatible: string;
  /** Whether the compatible module is used, even where the other one could be. */
  forceCompatible: boolean;
}
export interface Call {
  id: number;
  name: CallName;
  request: Request<CallName>;
}
export type Reply =
  | { begun: true; fused: boolean }
  | { id: number; answer: unknown; memory: number }
  | { id: number; error: { message: string; kind: MicrogptError['kind'] } };

let library: Promise<Microgpt> | undefined;

async function begin({ fused, compatible, forceCompatible }: Begin): Promise<Microgpt> {
  const isFused = !forceCompatible && fusesMultiplyAdd();
  const response = await fetch(isFused ? fused : compatible);
  if (!response.ok) throw new MicrogptError(`${response.url}: ${response.status} ${response.statusText}`);
  const loaded = await Microgpt.load(response);
  postMessage({ begun: true, fused: isFused } satisfies Reply);
  return loaded;
}

addEventListener('message', async ({ data }: MessageEvent<Begin | Call>) => {
  if (!('id' in data)) {
    library = begin(data);
    library.catch(() => {}); // each call tells
    return;
  }
  try {
    const loaded = await library!;
    const answer = loaded.call(data.name, data.request);
    postMessage({ id: data.id, answer, memory: loaded.memory } satisfies Reply);
  } catch (error) {
    const kind = error instanceof MicrogptError ? error.kind : error instanceof WebAssembly.RuntimeError ? 'stopped' : 'error';
    const message = error instanceof Error ? error.message : String(error);
    postMessage({ id: data.id, error: { message, kind } } satisfies Reply);
  }
});
