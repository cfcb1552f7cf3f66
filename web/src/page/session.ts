// SPDX-License-Identifier: MIT
/** The page's model: an engine, the run that is under way in it, and what became of it. Views listen; none calls the engine for a run. */
import { type Answer, type Engine, type Loss, lossNumber, MicrogptError, type ModelFile, openIn, type PartLosses, type Request } from '../module/microgpt';
import { beginRequest, corpusRequest, newEngine } from './engines';
import type { Asked } from './state';

export type Phase = 'empty' | 'preparing' | 'running' | 'paused' | 'finishing' | 'ready' | 'stopped';

/** What is trained on. */
export interface Documents {
  name: string;
  bytes: Uint8Array;
}

export interface Run {
  documents: Documents;
  asked: Asked;
  invalid?: 'replace';
  corpus: Answer<'corpus'>;
  begun: Answer<'begin'>;
  step: number;
  losses: [number, number][];
  validations: [number, number][];
  bestStep: number | null;
  /** When it was ended early. */
  endedAt?: number;
  keptStep?: number;
  parts?: PartLosses[];
}

export type Description = Answer<'open'>;

const finite = (losses: [number, Loss][]) => losses.map(([step, loss]): [number, number] => [step, lossNumber(loss)]).filter(([, loss]) => Number.isFinite(loss));

const patience = 15_000; // milliseconds after which the page says that the worker has not answered

export class Session {
  phase: Phase = 'empty';
  run: Run | undefined;
  model: Description | undefined;
  /** Whether the module was fetched and compiled. */
  hasBegun = false;
  /** Whether the worker has not answered for long. */
  isSilent = false;
  /** Called between two slices of training: what must see the parameters of that moment. */
  between: (() => Promise<void>) | undefined;

  private loop = 0; // the last one goes on; one before it may still wait for a slice
  private listeners: (() => void)[] = [];
  private pending = 0;
  private lastAnswer = 0;
  private watch = 0;

  engine: Engine = this.begin(); // after the fields that it sets

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  get canExplain(): boolean {
    return this.model !== undefined || (this.run !== undefined && ['running', 'paused'].includes(this.phase));
  }
  get isTraining(): boolean {
    return this.run !== undefined && ['running', 'paused'].includes(this.phase);
  }

  /** Calls the engine, and notices when it is silent or gone. */
  async call<Name extends Parameters<Engine['call']>[0]>(name: Name, request: Request<Name>): Promise<Answer<Name>> {
    const { engine } = this;
    if (this.pending++ === 0) this.lastAnswer = performance.now();
    this.watch ||= window.setInterval(() => this.look(), 1000);
    try {
      return await engine.call(name, request);
    } catch (error) {
      if (engine === this.engine && error instanceof MicrogptError && error.kind === 'stopped') this.become('stopped');
      throw error;
    } finally {
      --this.pending;
      this.lastAnswer = performance.now();
      if (this.pending === 0) {
        clearInterval(this.watch);
        this.watch = 0;
      }
      if (this.isSilent) {
        this.isSilent = false;
        this.tell();
      }
    }
  }

  /** Takes a list and begins; then trains, or takes a step alone. */
  async train(documents: Documents, asked: Asked, then: 'run' | 'step', invalid?: 'replace'): Promise<void> {
    if (this.phase === 'stopped') this.restart();
    const { engine } = this;
    const wasPaused = this.phase === 'paused';
    let isTaken = false;
    this.become('preparing');
    try {
      const corpus = await this.call('corpus', corpusRequest(documents.bytes, documents.name, asked, invalid));
      isTaken = true; // the library has dropped the run of before
      const begun = await this.call('begin', beginRequest(asked));
      if (engine !== this.engine) return;
      this.model = undefined;
      this.run = { documents, asked, ...(invalid && { invalid }), corpus, begun, step: 0, losses: [], validations: [], bestStep: null };
    } catch (error) {
      if (engine === this.engine && this.phase === 'preparing') {
        if (wasPaused && isTaken) this.run = undefined;
        this.become(wasPaused && !isTaken ? 'paused' : this.model ? 'ready' : 'empty');
      }
      throw error;
    }
    if (then === 'run') return this.goOn();
    this.become('paused');
    return this.step();
  }

  async goOn(): Promise<void> {
    const mine = ++this.loop;
    this.become('running');
    while (this.phase === 'running' && mine === this.loop) {
      if (await this.slice({})) return this.finish();
      await this.between?.();
    }
  }

  async step(): Promise<void> {
    if (await this.slice({ steps: 1 })) return this.finish();
    await this.between?.();
  }

  pause(): void {
    if (this.phase === 'running') this.become('paused');
  }

  /** Ends the run, and keeps its best parameters. */
  async finish(): Promise<void> {
    const { run, engine } = this;
    if (!run || !this.canExplain) return;
    if (run.step < run.begun.steps) run.endedAt = run.step;
    this.become('finishing');
    try {
      const { kept_step, parts, ...description } = await this.call('finish', {});
      Object.assign(run, { keptStep: kept_step, parts });
      this.model = description;
      this.become('ready');
    } catch (error) {
      // TypeScript does not see that another call may have changed the phase.
      if (engine === this.engine && (this.phase as Phase) !== 'stopped') this.become('paused');
      throw error;
    }
  }

  async open(files: ModelFile[], name: string): Promise<void> {
    if (this.phase === 'stopped') this.restart();
    if (this.isTraining) throw new MicrogptError('a run is under way; stop it first, then open the model');
    const model = await openIn(this.engine, files, name);
    this.model = model;
    this.run = undefined;
    this.become('ready');
  }

  async save(): Promise<ModelFile[]> {
    const { files, bytes } = await this.call('save', {});
    let at = 0;
    return files.map(({ name, size }) => ({ name, bytes: bytes.slice(at, (at += size)) }));
  }

  /** A new worker. The run and the model were in the old one. */
  restart(): void {
    this.engine.terminate();
    this.engine = this.begin();
    this.run = undefined;
    this.model = undefined;
    this.isSilent = false;
    this.become('empty');
  }

  private async slice(request: Request<'train'>): Promise<boolean> {
    const run = this.run!;
    const slice = await this.call('train', request);
    if (run !== this.run) return false;
    run.step = slice.step;
    run.losses.push(...finite(slice.losses));
    run.validations.push(...finite(slice.validations));
    run.bestStep = slice.best_step;
    this.tell();
    return slice.is_finished;
  }

  private begin(): Engine {
    const engine = newEngine();
    this.hasBegun = false;
    void engine.isFused.then(() => {
      if (engine !== this.engine) return;
      this.hasBegun = true;
      this.lastAnswer = performance.now();
      this.tell();
    });
    return engine;
  }

  private become(phase: Phase): void {
    this.phase = phase;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private look(): void {
    if (this.pending === 0 || !this.hasBegun || performance.now() - this.lastAnswer < patience) return;
    this.isSilent = true;
    this.tell();
  }
}

export const session = new Session();
