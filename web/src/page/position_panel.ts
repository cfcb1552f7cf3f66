// SPDX-License-Identifier: MIT
/** One character: what came, what was expected instead, the gradient, and the two parts of the mixture. */
import { type Explanation, lossNumber, type Predictor } from '../module/messages';
import { fill, h } from './dom';
import { fixed, named, odds, probability, shown } from './numbers';

const signed = (value: number) => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(4);

export function showPosition(host: HTMLElement, { positions, text, loss_random, vocab_size }: Explanation, index: number, by: Predictor): void {
  const position = positions[index];
  const { target, nats, bits, alternatives } = position;
  const isGpt = by === 'gpt';
  const { gpt, ngram } = by === 'mixture' ? position : { gpt: undefined, ngram: undefined };
  const before = [...text].slice(Math.max(0, index - 12), index).join('');
  const P = position.probability;
  const bars = [...alternatives.map((each) => ({ ...each, came: false })), { token: target, probability: P, came: true }].sort((a, b) => b.probability - a.probability);
  const largest = Math.max(...bars.map((bar) => bar.probability));
  const loss = lossNumber(nats);
  fill(
    host,
    h(
      'h2',
      {},
      `After ${index === 0 ? 'the start' : `“${before.length < index ? '…' : ''}${before}”`} came ${named(target)}`,
    ),
    h(
      'p',
      {},
      position.unseen
        ? `The model has never seen this character. It is counted as drawn from all of Unicode after a guess: ln ${vocab_size} + ln 1,114,112 = ${fixed(nats, 3)} nats.`
        : `It had P = ${probability(P)}, ${odds(P)}. Its loss is −ln ${probability(P)} = ${fixed(nats, 3)} nats, or ${fixed(bits, 3)} bits: ${loss < loss_random ? 'less' : 'more'} than guessing, at ln ${vocab_size} = ${fixed(loss_random, 3)}.`,
    ),
    h(
      'div',
      { class: 'panel-columns' },
      h(
        'div',
        {},
        h('h3', {}, 'What the model expected'),
        h(
          'ol',
          { class: 'bars' },
          ...bars.map((bar) =>
            h(
              'li',
              { class: bar.came ? 'came' : '' },
              h('span', { class: 'token' }, shown(bar.token)),
              h('span', { class: 'track' }, h('i', { style: `width:${(100 * bar.probability) / (largest || 1)}%` })),
              h('span', { class: 'amount' }, probability(bar.probability)),
              bar.came && h('span', { class: 'tag' }, 'came'),
            ),
          ),
        ),
      ),
      h(
        'div',
        {},
        isGpt && !position.unseen && h('h3', {}, 'What training does with it'),
        isGpt &&
          !position.unseen &&
          h(
            'p',
            {},
            'The gradient at the logit of what came is P − 1 = ',
            h('b', {}, signed(position.gradient_at_target ?? P - 1)),
            `: a step makes ${named(target)} likelier. At each other logit it is that token’s own P`,
            alternatives.length > 0 && ', such as ',
            alternatives.length > 0 && h('b', {}, signed(alternatives[0].probability)),
            alternatives.length > 0 && ` at ${named(alternatives[0].token)}`,
            ': a step makes it less likely. All of them sum to 0.',
          ),
        gpt && ngram && h('h3', {}, 'Two predictors in one'),
        gpt &&
          ngram &&
          h(
            'p',
            {},
            'P is in proportion to ',
            h('span', { class: 'formula' }, `${probability(gpt.probability)}`, h('sup', {}, fixed(gpt.exponent, 2)), ` · ${probability(ngram.probability)}`, h('sup', {}, fixed(ngram.exponent, 2))),
            ', and to a factor where the n-gram has seen the token there.',
          ),
        gpt &&
          ngram &&
          h(
            'table',
            {},
            h('thead', {}, h('tr', {}, ...['Part', 'Its P', 'Its weight'].map((head) => h('th', { scope: 'col' }, head)))),
            h(
              'tbody',
              {},
              h('tr', {}, h('th', { scope: 'row' }, 'GPT'), h('td', {}, probability(gpt.probability)), h('td', {}, fixed(gpt.exponent, 3))),
              h('tr', {}, h('th', { scope: 'row' }, 'n-gram'), h('td', {}, probability(ngram.probability)), h('td', {}, fixed(ngram.exponent, 3))),
            ),
          ),
        gpt && ngram && h('p', { class: 'note' }, 'A weight depends on how often the n-gram has seen these last characters. The weights need not sum to 1, as the products are scaled to sum to 1 over all tokens. For the gradient, choose the GPT alone.'),
      ),
    ),
  );
}
