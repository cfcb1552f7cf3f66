// SPDX-License-Identifier: MIT
/**
 * What is asked of the library and what it answers: one request, one answer. src/web/workbench.cc has the other side.
 *
 * Losses are nats unless a name says bits. A loss that is infinite or no number is "inf", "-inf" or "nan", as JSON has no such
 * number; `lossNumber` of this file reads both. All fields that may be null say so.
 */

export type Loss = number | 'inf' | '-inf' | 'nan';

/** The number of a loss: JSON has no infinity. */
export function lossNumber(loss: Loss): number {
  if (typeof loss === 'number') return loss;
  return loss === 'inf' ? Infinity : loss === '-inf' ? -Infinity : NaN;
}

/** Names as on the command line with _ for -; `microgpt train --help` lists them. */
export type Settings = Record<string, number | string | boolean | null>;

/** What predicts: the GPT, the n-gram counted on the same lines, or both in a mixture. */
export type Predictor = 'mixture' | 'gpt' | 'ngram';

/** Which part of the corpus a document fell to: the first is trained on, the others are held out. */
export type Part = 'training' | 'validation' | 'test';

export interface Config {
  vocab_size: number;
  n_layer: number;
  n_embd: number;
  n_head: number;
  block_size: number;
}

export interface Evaluation {
  document_mean: Loss;
  token_mean: Loss;
  bits_per_character: Loss;
  perplexity: Loss;
}

/** How well each predictor does on a part of the corpus. */
export interface PartLosses {
  part: Part;
  documents: number;
  positions: number;
  gpt: Evaluation;
  ngram: Evaluation | null;
  mixture: Evaluation | null;
}

export interface Alternative {
  token: string;
  probability: number;
}

/** A character of an explained text: what was expected, and what came. */
export interface Position {
  input: string;
  target: string;
  probability: number;
  nats: Loss;
  bits: Loss;
  alternatives: Alternative[];
  unseen?: true;
  /** P - 1: the gradient of the loss at the target's logit; of the GPT alone. */
  gradient_at_target?: number;
  /** Of a mixture: each part's probability of the target, and its exponent (its weight at this position). */
  gpt?: { probability: number; exponent: number };
  ngram?: { probability: number; exponent: number };
  attention_begin?: number;
  attention?: number[][];
}

export interface Explanation {
  text: string;
  positions: Position[];
  loss_sum: Loss;
  loss_mean: Loss;
  /** ln V: what guessing costs. */
  loss_random: number;
  loss_sum_random: number;
  bits_sum: Loss;
  bits_mean: Loss;
  unseen: number;
  vocab_size: number;
  block_size: number;
  attention_heads?: number[];
}

export interface ModelDescription {
  config: Config;
  parameters: number;
  symbols: string[];
  kind: 'lines' | 'text' | 'tail';
  ngram_order: number | null;
  predictors: Predictor[];
  /** Whether score tells p-values: something was held out. */
  tells_p_values: boolean;
  /** What must be said of a model that is not good; or empty. */
  warning: string;
  /** SHA-256 of its model.safetensors, as the program writes it, too. */
  sha256: string;
}

export interface ScoredLine {
  text: string;
  bits: Loss;
  bits_per_character: Loss;
  /** One a character, and the last for the end of the line. */
  position_bits: number[];
  /** null: the line is not in the corpus. */
  part: Part | null;
  /** By how many standard deviations it is more surprising than held-out lines of like length. */
  oddness?: Loss;
  /** The share of held-out lines that are at least as odd. */
  p_value?: number;
}

export interface Sampled {
  text: string;
  bits: Loss;
  /** null: it is new. */
  part: Part | null;
}

export interface ModelFile {
  name: string;
  bytes: Uint8Array;
}

/** Each request's fields, and those of its answer. `bytes` travel beside the JSON. */
export interface Calls {
  about: {
    request: object;
    answer: { version: string; target: string; mathematics: string; settings: string[] };
  };
  /** Takes a corpus; a run of another one ends. UTF-8 unless it says otherwise. */
  corpus: {
    request: {
      name?: string;
      kind?: 'lines' | 'text' | 'tail';
      encoding?: 'utf-8' | 'bytes';
      invalid?: 'error' | 'replace' | 'skip';
      fold_case?: boolean;
      bytes: Uint8Array;
    };
    answer: {
      name: string;
      documents: number;
      different: number;
      positions: number;
      longest: number;
      vocab_size: number;
      symbols: string[];
      replaced: number;
      sha256: string;
    };
  };
  /** Begins a run on the corpus, up to its first step. What is not set fits the corpus. */
  begin: {
    request: { settings?: Settings; preset?: 'microgpt' | 'small' | 'best'; seconds?: number };
    answer: {
      steps: number;
      teacher_steps: number;
      parameters: number;
      config: Config;
      settings: Settings;
      training_documents: number;
      validation_documents: number;
      test_documents: number;
      ngram_order: number | null;
      /** Of the n-gram on the validation part. */
      ngram_loss: Loss | null;
      /** ln V. */
      uniform_loss: number;
      initial_loss: Loss;
    };
  };
  /** Goes on for so many steps or milliseconds, whichever is over first; at least one step. */
  train: {
    request: { steps?: number; milliseconds?: number };
    answer: {
      step: number;
      /** [step, loss of its batch], steps counted from 1. */
      losses: [number, Loss][];
      /** [step, loss on the validation part] */
      validations: [number, Loss][];
      best_step: number | null;
      best_loss: Loss | null;
      learning_rate: number | null;
      trained_positions: number;
      is_finished: boolean;
    };
  };
  /** Ends the run, now or at its end: its model is the one of the best validation loss so far. */
  finish: {
    request: object;
    answer: ModelDescription & { kept_step: number; parts: PartLosses[] };
  };
  /** Drops a run or a replay. */
  stop: { request: object; answer: object };
  /** Lays the loss of a text open; with `live` by the parameters of the run that is under way. */
  explain: {
    request: { text: string; alternatives?: number; attention?: boolean; predictor?: Predictor; live?: boolean };
    answer: Explanation;
  };
  /** Scores each line of `bytes`. */
  score: {
    request: { name?: string; predictor?: Predictor; bytes: Uint8Array };
    answer: { lines: ScoredLine[] };
  };
  sample: {
    request: {
      count?: number;
      temperature?: number;
      top_k?: number;
      top_p?: number;
      min_p?: number;
      seed?: number;
      prompt?: string;
      min_length?: number;
      max_length?: number;
      contains?: string;
      unique?: boolean;
      /** None of the corpus's own documents. */
      not_in?: boolean;
      budget?: number;
      predictor?: Predictor;
    };
    answer: { found: number; samples: Sampled[] };
  };
  /** The model's files, which the program opens as a folder. `bytes` has them end to end. */
  save: { request: object; answer: { files: { name: string; size: number }[]; bytes: Uint8Array } };
  /** Opens such files. */
  open: {
    request: { name?: string; files: { name: string; size: number }[]; bytes: Uint8Array };
    answer: ModelDescription;
  };
  /** Begins a replay of microgpt.py on the text in `bytes`. */
  begin_reference: {
    request: { name?: string; revision?: 'final' | 'first'; seed?: number; steps?: number; bytes: Uint8Array };
    answer: { steps: number; documents: number; vocab_size: number; parameters: number };
  };
  /** Takes its next steps; `exact` is each loss as Python's float.hex() has it, and so are, one a line in `bytes`, the parameters. */
  replay: {
    request: { steps?: number; with_parameters?: boolean };
    answer: {
      step: number;
      losses: number[];
      exact: string[];
      /** Of the parameters as `microgpt reference --params FILE` writes them; null before the end, unless they are asked for. */
      parameters_sha256: string | null;
      is_finished: boolean;
      bytes: Uint8Array;
    };
  };
}

export type CallName = keyof Calls;
export type Request<Name extends CallName> = Calls[Name]['request'];
export type Answer<Name extends CallName> = Calls[Name]['answer'];

/** What the library or the browser refuses, in a sentence for people. */
export class MicrogptError extends Error {
  constructor(
    message: string,
    /** setting: of the settings; memory; stopped: the worker ended; error: all else. */
    readonly kind: 'setting' | 'memory' | 'stopped' | 'error' = 'error',
  ) {
    super(message);
    this.name = 'MicrogptError';
  }
}
