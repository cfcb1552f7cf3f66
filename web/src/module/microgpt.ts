// SPDX-License-Identifier: MIT
/**
 * microgpt in a web page: trains, evaluates, scores, samples and explains in a worker, with the native program's bits.
 *
 *     import { train } from 'microgpt';
 *     const model = await train('emma\nolivia\nava\n…', { onProgress: ({ step, steps }) => console.log(step, steps) });
 *     console.log((await model.sample({ count: 5 })).samples);
 *
 * Losses are nats. All functions throw MicrogptError with a sentence for people.
 */
import type { Begin, Call, Reply } from './worker.js';
import {
  type Answer,
  type CallName,
  type Loss,
  type ModelDescription,
  type ModelFile,
  MicrogptError,
  type PartLosses,
  type Request,
  type Settings,
} from './messages.js';

export * from './messages.js';

const here = import.meta.url; // by a name of its own: bundlers would take what is found by it for files to be bundled

export interface EngineOptions {
  /** Where the worker and the two modules are; by default beside this file. */
  worker?: string | URL;
  fused?: string | URL;
  compatible?: string | URL;
  /** Whether to use the module that all browsers run, even where a faster one could be used. */
  forceCompatible?: boolean;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: MicrogptError): void;
}

/** A worker with the library in it. Calls are answered in their order. */
export class Engine {
  /** Whether the module with relaxed SIMD is used. */
  readonly isFused: Promise<boolean>;
  /** Bytes of memory that the module had at the last answer. */
  memory = 0;

  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 0;
  private end: MicrogptError | undefined;

  constructor(options: EngineOptions = {}) {
    const beside = (given: string | URL | undefined, name: string) => String(given ?? new URL(name, here));
    this.worker = new Worker(beside(options.worker, 'worker.js'), { type: 'module', name: 'microgpt' });
    this.isFused = new Promise((resolve) => {
      this.worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
        if ('begun' in data) return resolve(data.fused);
        const waits = this.waiting.get(data.id);
        this.waiting.delete(data.id);
        if ('error' in data) {
          const error = new MicrogptError(data.error.message, data.error.kind);
          waits?.reject(error);
          if (error.kind === 'stopped') this.stopWith(error); // its memory can be in any state
          return;
        }
        this.memory = data.memory;
        waits?.resolve(data.answer);
      });
    });
    this.worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.stopWith(new MicrogptError(event.message || 'the worker could not begin', 'stopped'));
    });
    // A worker resolves what is relative against its own place.
    this.worker.postMessage({
      fused: beside(options.fused && new URL(options.fused, location.href), 'microgpt-fused.wasm'),
      compatible: beside(options.compatible && new URL(options.compatible, location.href), 'microgpt-compatible.wasm'),
      forceCompatible: options.forceCompatible ?? false,
    } satisfies Begin);
  }

  call<Name extends CallName>(name: Name, request: Request<Name>): Promise<Answer<Name>> {
    if (this.end) return Promise.reject(this.end);
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.worker.postMessage({ id, name, request } satisfies Call);
    });
  }

  /** Ends the worker, whatever it does; all that waits is rejected. */
  terminate(): void {
    this.stopWith(new MicrogptError('the worker was stopped', 'stopped'));
  }

  private stopWith(error: MicrogptError): void {
    this.end ??= error;
    this.worker.terminate();
    for (const waits of this.waiting.values()) waits.reject(error);
    this.waiting.clear();
  }
}

export interface Progress {
  step: number;
  steps: number;
  /** Of the batches since the last call. */
  losses: [number, Loss][];
  validations: [number, Loss][];
}

export interface TrainOptions extends EngineOptions {
  settings?: Settings;
  preset?: 'microgpt' | 'small' | 'best';
  seconds?: number;
  kind?: 'lines' | 'text' | 'tail';
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** A model in its worker. */
export class Model {
  constructor(
    readonly engine: Engine,
    readonly description: ModelDescription,
    /** How well it predicts, where it was trained here. */
    readonly parts: PartLosses[] = [],
  ) {}

  explain(text: string, options: Omit<Request<'explain'>, 'text' | 'live'> = {}): Promise<Answer<'explain'>> {
    return this.engine.call('explain', { ...options, text });
  }
  score(lines: string | string[]): Promise<Answer<'score'>> {
    return this.engine.call('score', { bytes: bytesOf(typeof lines === 'string' ? lines : lines.join('\n')) });
  }
  sample(options: Request<'sample'> = {}): Promise<Answer<'sample'>> {
    return this.engine.call('sample', options);
  }
  /** The files of the folder that the program opens. */
  async save(): Promise<ModelFile[]> {
    const { files, bytes } = await this.engine.call('save', {});
    let at = 0;
    return files.map(({ name, size }) => ({ name, bytes: bytes.slice(at, (at += size)) }));
  }
  terminate(): void {
    this.engine.terminate();
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Trains on a list of lines, or a text. With a signal that aborts it ends after a slice of some 50 ms. */
export async function train(corpus: string | Uint8Array, options: TrainOptions = {}): Promise<Model> {
  const engine = new Engine(options);
  try {
    await engine.call('corpus', { kind: options.kind ?? 'lines', bytes: typeof corpus === 'string' ? bytesOf(corpus) : corpus });
    const { settings, preset, seconds } = options;
    const { steps } = await engine.call('begin', {
      ...(settings && { settings }),
      ...(preset && { preset }),
      ...(seconds !== undefined && { seconds }),
    });
    for (let isFinished = false; !isFinished; ) {
      options.signal?.throwIfAborted();
      const slice = await engine.call('train', {});
      options.onProgress?.({ step: slice.step, steps, losses: slice.losses, validations: slice.validations });
      isFinished = slice.is_finished;
    }
    const { parts, kept_step: _, ...description } = await engine.call('finish', {});
    return new Model(engine, description, parts);
  } catch (error) {
    engine.terminate();
    throw error;
  }
}

/** Opens the files of a folder that the program, or save(), has written. */
export async function open(files: ModelFile[], options: EngineOptions & { name?: string } = {}): Promise<Model> {
  const engine = new Engine(options);
  try {
    return new Model(engine, await openIn(engine, files, options.name));
  } catch (error) {
    engine.terminate();
    throw error;
  }
}

/** The same in a worker that is there. */
export function openIn(engine: Engine, files: ModelFile[], name?: string): Promise<Answer<'open'>> {
  const bytes = new Uint8Array(files.reduce((sum, file) => sum + file.bytes.length, 0));
  let at = 0;
  for (const file of files) {
    bytes.set(file.bytes, at);
    at += file.bytes.length;
  }
  const list = files.map((file) => ({ name: file.name, size: file.bytes.length }));
  return engine.call('open', { ...(name !== undefined && { name }), files: list, bytes });
}
