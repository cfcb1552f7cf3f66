// SPDX-License-Identifier: MIT
/** What the page says of a run, in sentences. */
import { lossNumber, type PartLosses, type Settings } from '../module/messages';
import { count, fixed, plural } from './numbers';
import type { Run } from './session';

type Fact = [what: string, value: string, why: string];

const given = (settings: Settings, name: string) => settings[name] !== undefined;

/** What the run is like, and why: the most important settings first. */
export function factsOf({ corpus, begun, asked }: Run): Fact[] {
  const { config, settings, training_documents: training, validation_documents: validation, test_documents: test } = begun;
  const isText = asked.kind === 'text';
  const unit = isText ? 'part' : 'line';
  const fits = (name: string, why: string) => (given(asked.settings, name) ? 'You chose it.' : asked.preset ? `The preset ${asked.preset} has it.` : why);
  const facts: Fact[] = [
    isText
      ? ['Document', 'one text', `It has ${count(corpus.positions)} positions: each character is one.`]
      : [
      'Documents',
      plural(corpus.documents, 'document'),
      `${count(corpus.different)} of them differ. They have ${count(corpus.positions)} positions: each character is one, and so is each end.`,
    ],
    ['Vocabulary', `${corpus.vocab_size} tokens`, `${plural(corpus.vocab_size - 1, 'character')}, and one more for a document’s start and end (the program’s BOS).`],
    ['Guessing', `ln ${corpus.vocab_size} = ${fixed(begun.uniform_loss, 3)} nats`, `Who knows nothing gives each token the probability 1/${corpus.vocab_size}. A fresh model must begin near this: yours began at ${fixed(begun.initial_loss, 3)}.`],
    [
      'Held out',
      isText ? 'the end of the text' : `${count(validation)} + ${plural(test, unit)}`,
      validation + test === 0
        ? 'Nothing is held out, so nothing tells whether the model learns by heart.'
        : isText
          ? 'The model never trains on it. Its first half validates, which chooses the step that is kept; the second half tests, which chooses nothing.'
          : `The model never trains on them. ${count(validation)} validate, which chooses the step that is kept; ${count(test)} test, which chooses nothing. It trains on ${count(training)}.`,
    ],
    ['Counting', begun.ngram_order ? `${begun.ngram_order}-gram${begun.ngram_loss !== null ? `, ${fixed(begun.ngram_loss, 3)} nats` : ''}` : 'none', begun.ngram_order ? `It only counts which character follows which ${begun.ngram_order - 1}. This order does best on the validation part. A GPT is worth something if it beats it.` : 'There is no n-gram to compare with.'],
    ['Context', plural(config.block_size, 'token'), fits('block_size', isText ? 'The text is read in windows of that many.' : config.block_size >= corpus.longest ? 'Each document is seen whole: none is longer.' : `The longest document has ${count(corpus.longest)}: what is longer is read in windows.`)],
    [
      'Model',
      `width ${config.n_embd}, ${plural(config.n_layer, 'layer')}`,
      `${count(begun.parameters)} parameters. ${fits('n_embd', corpus.positions < 30_000 ? 'Two layers are enough for a short list; four do better on a long one.' : 'A long list can teach four layers.')}`,
    ],
    [
      'Steps',
      `${count(begun.steps)} of ${settings.batch_size} ${isText ? 'windows' : 'documents'}`,
      given(asked.settings, 'num_steps')
        ? 'You chose their number.'
        : asked.seconds !== undefined
          ? `As many as this machine does in about ${asked.seconds} s.`
          : asked.preset
            ? `The preset ${asked.preset} has them.`
            : `${isText ? 'The text' : 'The list'} is read about ${Math.max(1, Math.round((begun.steps * Number(settings.batch_size)) / (training * (1 + Number(settings.ngram_documents)))))} times. The number fits its length.`,
    ],
    ['Optimizer', settings.optimizer === 'muon' ? 'Muon' : 'Adam', fits('optimizer', settings.optimizer === 'muon' ? 'On most lists it learns in fewer steps than Adam. Adam still updates what is no matrix of a layer.' : 'It is the one of microgpt.py.')],
  ];
  if (Number(settings.ngram_documents) > 0)
    facts.push(['Help for few lines', `${settings.ngram_documents} written for each`, 'The list is short, so the n-gram writes more lines of its kind to train on. It has seen the training part alone.']);
  if (Number(settings.ngram_share) > 0)
    facts.push(['Teacher', `n-gram, ${Math.round(100 * Number(settings.ngram_share))} %`, 'So much of each target is the n-gram’s prediction: it softens what the model would learn by heart.']);
  facts.push(['Seed', String(settings.seed), 'It draws what is held out, the order and the first parameters. The same seed gives the same model, bit for bit.']);
  return facts;
}

const predictors = { mixture: 'The mixture of both', gpt: 'The GPT', ngram: 'The n-gram' } as const;

/** Who predicts best on lines that nobody saw, and whether the GPT learned. */
export function verdictOf(part: PartLosses, { begun, asked }: Run): string {
  const loss = (name: keyof typeof predictors) => (part[name] ? lossNumber(part[name]!.token_mean) : Infinity);
  const names = (Object.keys(predictors) as (keyof typeof predictors)[]).filter((name) => part[name]);
  const best = names.reduce((a, b) => (loss(b) < loss(a) ? b : a));
  const uniform = begun.uniform_loss;
  const vocabulary = begun.config.vocab_size;
  const said: string[] = [];
  if (loss('gpt') > uniform - 0.02) said.push(`The GPT has learned nothing that helps: it costs ${fixed(loss('gpt'), 3)} nats, and guessing costs ln ${vocabulary} = ${fixed(uniform, 3)}.`);
  else
    said.push(
      `${predictors[best]} predicts best: ${fixed(loss(best), 3)} nats per token on ${asked.kind === 'text' ? plural(part.positions, 'character') : plural(part.documents, 'document')} that no predictor had seen. That is as if it chose among ${fixed(Math.exp(loss(best)), 1)} equally likely characters; guessing chooses among ${vocabulary}.`,
    );
  if (part.ngram && loss('gpt') <= uniform - 0.02) {
    const gain = loss('ngram') - loss('gpt');
    if (gain > 0.005) said.push(`The GPT alone has learned more than counting tells: it costs ${fixed(gain, 3)} nats less than the n-gram.`);
    else if (gain > -0.005) said.push('The GPT alone is as good as counting, and no better.');
    else said.push(`The GPT alone is not as good as counting: it costs ${fixed(-gain, 3)} nats more than the n-gram. Longer training may help, or a longer list.`);
    if (best === 'mixture') said.push('The two err in different ways, so both together err less.');
  }
  if (part.documents < 40 && asked.kind !== 'text') said.push(`With ${plural(part.documents, 'document')} in the test, these figures are rough.`);
  return said.join(' ');
}

const early = 0.8; // the kept step is early before this share of the steps
const rise = 0.02; // nats that are no chance

/** What the curve shows that is no good; or empty. The page has no flags, so the program's own warning is not shown. */
export function warningOf({ validations, keptStep, step }: Run): string {
  const [kept, last] = [validations.find(([at]) => at === keptStep), validations.at(-1)];
  if (!kept || !last || keptStep === undefined) return '';
  if (keptStep < early * step && last[1] > kept[1] + rise)
    return `After step ${count(keptStep)} the GPT began to learn its training lines by heart: the held-out loss rose from ${fixed(kept[1], 3)} to ${fixed(last[1], 3)} nats. So the model of step ${count(keptStep)} is kept.`;
  return '';
}
