// SPDX-License-Identifier: MIT
/** Where the worker and the modules are, and runs that need an engine of their own. */
import fusedUrl from '../../../build/web/microgpt-fused.wasm?url';
import compatibleUrl from '../../../build/web/microgpt-compatible.wasm?url';
import workerUrl from '../module/worker.ts?worker&url';
import { Engine, type Loss } from '../module/microgpt';
import { type Asked, forceCompatible } from './state';

export function newEngine(): Engine {
  return new Engine({ worker: workerUrl, fused: fusedUrl, compatible: compatibleUrl, forceCompatible });
}

export const moduleUrl = (isFused: boolean) => new URL(isFused ? fusedUrl : compatibleUrl, location.href).href;

export interface TakenSlice {
  losses: [number, Loss][];
  validations: [number, Loss][];
}

export const corpusRequest = (bytes: Uint8Array, name: string, asked: Asked, invalid?: 'replace') => ({
  bytes,
  name,
  ...(asked.kind && { kind: asked.kind }),
  ...(invalid && { invalid }),
});

export const beginRequest = ({ settings, preset, seconds }: Asked) => ({
  settings,
  ...(preset && { preset }),
  ...(seconds !== undefined && { seconds }),
});

/** Trains in an engine of its own, to the end or until the signal aborts; then it keeps the best. The caller terminates it. */
export async function trainAside(
  engine: Engine,
  bytes: Uint8Array,
  name: string,
  asked: Asked,
  signal: AbortSignal,
  on: { begin?(answer: Awaited<ReturnType<typeof begin>>): void; slice(slice: TakenSlice): void },
) {
  const begun = await begin(engine, bytes, name, asked);
  on.begin?.(begun);
  for (let isFinished = false; !isFinished && !signal.aborted; ) {
    const slice = await engine.call('train', {});
    on.slice(slice);
    isFinished = slice.is_finished;
  }
  return { begun, ...(await engine.call('finish', {})) };
}

async function begin(engine: Engine, bytes: Uint8Array, name: string, asked: Asked) {
  await engine.call('corpus', corpusRequest(bytes, name, asked));
  return engine.call('begin', beginRequest(asked));
}
