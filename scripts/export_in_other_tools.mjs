// SPDX-License-Identifier: MIT
// usage: export_in_other_tools.mjs PROGRAM MODELS...
// Called by the script beside it, where the packages are installed.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { AutoTokenizer, env, pipeline } from '@huggingface/transformers';
import ort from 'onnxruntime-node';

const [program, ...models] = process.argv.slice(2);
const MOST_BITS = 1e-4; // that a score may differ by
const LEVELS = ['disabled', 'basic', 'extended', 'all']; // of onnxruntime's optimizations
// A pipeline generates 256 tokens unless it is told otherwise: here as many as generation_config.json says.
const UP_TO_THE_CONTEXT = { do_sample: false, max_new_tokens: null };
env.allowRemoteModels = false;
ort.env.logLevel = 'fatal'; // the errors that are asked for
env.localModelPath = process.cwd();

function microgpt(args, input) {
  const result = spawnSync(program, args, { input, maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`microgpt ${args.join(' ')}: ${result.stderr}`);
  return result.stdout.toString();
}

const lines = (text) => text.split('\n').slice(0, -1);
const version = (name) => JSON.parse(fs.readFileSync(path.join('node_modules', name, 'package.json'))).version;
const config = (model) => JSON.parse(fs.readFileSync(`${model}/config.json`));

function textsFor(model) {
  if (['text', 'bytes'].includes(model)) return ['1. Größe 😀 "1"', '', '9', '"""', '😀😀', 'ß', '4. Gr'];
  const names = ['emma', 'olivia', 'zoe', 'xavier', 'q', 'maximilian', 'anna'];
  return names.map((name) => name.slice(0, config(model).block_size - 1));
}

function tensor(tokens) {
  return new ort.Tensor('int64', BigInt64Array.from(tokens.map(BigInt)), [1, tokens.length]);
}

// Of the tokens after the first one, in bits, from their logits.
function bits(logits, tokens) {
  const width = logits.dims[2];
  let sum = 0;
  for (let i = 0; i + 1 < tokens.length; ++i) {
    const row = Array.from(logits.data.slice(i * width, (i + 1) * width), Number);
    const most = Math.max(...row);
    const total = row.reduce((all, each) => all + Math.exp(each - most), 0);
    sum -= (row[tokens[i + 1]] - most - Math.log(total)) / Math.LN2;
  }
  return sum;
}

function emptyCache(model, type) {
  const { n_layer, n_head, n_embd } = config(model);
  const numbers = type === 'float64' ? new Float64Array(0) : new Float32Array(0);
  const empty = new ort.Tensor(type, numbers, [1, n_head, 0, n_embd / n_head]);
  return Object.fromEntries([...Array(n_layer).keys()].flatMap((layer) =>
    ['key', 'value'].map((what) => [`past_key_values.${layer}.${what}`, empty])));
}

const sessions = {};
async function session(model, flags, level = 'all') {
  const file = `${model}${flags.join('')}.onnx`;
  if (!fs.existsSync(file)) microgpt(['export', model, '--onnx', file, ...flags]);
  return sessions[file + level] ??= await ort.InferenceSession.create(file, { graphOptimizationLevel: level, logSeverityLevel: 4 });
}

async function mostBitsOff(model, flags, level, texts, expected, tokenizer) {
  const run = await session(model, flags, level);
  const bos = config(model).vocab_size - 1;
  let most = 0;
  for (const [i, text] of texts.entries()) {
    const tokens = [...tokenizer.encode(text), bos];
    const cache = flags.includes('--with-cache') ? emptyCache(model, flags.includes('--double') ? 'float64' : 'float32') : {};
    const { logits } = await run.run({ input_ids: tensor(tokens.slice(0, -1)), ...cache });
    most = Math.max(most, Math.abs(bits(logits, tokens) - expected[i]));
  }
  return most;
}

// Whether a token more than the context has is an error, at once and after the cache is full.
async function failsPastContext(model, level) {
  const length = config(model).block_size;
  const failed = async (run, inputs) => run.run(inputs).then(() => false, () => true);
  const plain = await session(model, [], level);
  if (!await failed(plain, { input_ids: tensor(Array(length + 1).fill(0)) })) return false;
  const cached = await session(model, ['--with-cache'], level);
  const full = await cached.run({ input_ids: tensor(Array(length).fill(0)), ...emptyCache(model, 'float32') });
  const past = Object.fromEntries(Object.entries(full).filter(([name]) => name !== 'logits')
    .map(([name, value]) => [name.replace('present', 'past_key_values'), value]));
  return await failed(cached, { input_ids: tensor([0]), ...past }) && await failed(cached, { input_ids: tensor([0, 0]), ...past });
}

async function generatorOf(model) {
  microgpt(['export', model, '--onnx', `${model}-web`, '--with-cache']);
  return pipeline('text-generation', `${model}-web`);
}

async function greedyTexts(generate, prompts) {
  const texts = [];
  for (const prompt of prompts) texts.push((await generate(prompt, UP_TO_THE_CONTEXT))[0].generated_text);
  return texts;
}

// A graph without a cache gets the last token alone, and would give wrong texts: so the folder is of no known type.
async function isRefusedWithoutCache(model) {
  console.warn = () => {}; // of the type
  microgpt(['export', model, '--onnx', `${model}-plain`]);
  return pipeline('text-generation', `${model}-plain`).then(() => false, () => true);
}

function scores(model, texts, engine) {
  const call = ['score', model, '--predictor', 'gpt', '--format', 'jsonl', '--engine', engine];
  return lines(microgpt(call, texts.map((text) => `${text}\n`).join(''))).map((record) => JSON.parse(record).bits);
}

async function compare(model, report) {
  const tokenizer = await AutoTokenizer.from_pretrained(model);
  const texts = textsFor(model);
  for (const flags of [[], ['--with-cache'], ['--double'], ['--double', '--with-cache']]) {
    const engine = flags.includes('--double') ? 'exact' : 'fast';
    const expected = scores(model, texts, engine);
    const off = await Promise.all(LEVELS.map((level) => mostBitsOff(model, flags, level, texts, expected, tokenizer)));
    report(`most bits off engine ${engine}, graph ${flags.join(' ')}`, Math.max(...off).toExponential(1), Math.max(...off) < MOST_BITS);
  }
  const failing = await Promise.all(LEVELS.map((level) => failsPastContext(model, level)));
  report('levels that fail past the context', failing.filter(Boolean).length, !failing.includes(false));
  const prompts = [...new Set(texts.flatMap((text) => ['', text.slice(0, 1), text.slice(0, 2)]))]
    .filter((prompt) => prompt.isWellFormed());
  const generate = await generatorOf(model);
  const greedy = await greedyTexts(generate, prompts);
  const ours = prompts.map((prompt) =>
    lines(microgpt(['sample', model, '--predictor', 'gpt', '--temperature', '0', '-n', '1', '--prompt', prompt]))[0]);
  const same = prompts.filter((prompt, i) => greedy[i] === ours[i]);
  report('greedy texts that are the same', `${same.length} of ${prompts.length}`, same.length === prompts.length);
  const letter = texts.find((text) => text !== '')?.slice(0, 1) ?? 'a';
  const isRefused = await generate(['', letter], UP_TO_THE_CONTEXT).then(() => false, () => true);
  report('prompts of several lengths at a time are refused', '', isRefused);
  report('a folder without a cache is refused', '', await isRefusedWithoutCache(model));
}

console.log(`${microgpt(['--version']).trim()}; Node.js ${process.version}; onnxruntime-node ${version('onnxruntime-node')}; ` +
            `transformers.js ${version('@huggingface/transformers')}; @huggingface/tokenizers ${version('@huggingface/tokenizers')}`);
let failures = 0;
for (const model of models)
  await compare(model, (what, found, good) => {
    if (!good) ++failures;
    console.log(`${model.padEnd(6)} ${what.padEnd(60)} ${found}${good ? '' : '  WRONG'}`);
  });
process.exit(failures > 0 ? 1 : 0);
