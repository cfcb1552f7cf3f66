// SPDX-License-Identifier: MIT
/** From probabilities to one loss, as a calculation with the real numbers. */
import { type Loss, lossNumber } from '../module/messages';
import { fill, h } from './dom';
import { fixed, odds, probability } from './numbers';

export interface Factor {
  probability: number;
  nats: Loss;
}

const most = 12; // factors that a line shows

const joined = (parts: string[], sign: string) => (parts.length > most ? [...parts.slice(0, most - 1), '…', parts[parts.length - 1]] : parts).join(` ${sign} `);

/** Product, logarithm, sum, mean and perplexity. */
export function workedLine(host: HTMLElement, factors: Factor[], text: string): void {
  const sum = factors.reduce((total, { nats }) => total + lossNumber(nats), 0);
  const product = Math.exp(-sum);
  const mean = sum / factors.length;
  const row = (what: string, calculation: string | Node, result: string, why: string) =>
    h('div', { class: 'step' }, h('span', { class: 'what' }, what), h('span', { class: 'calculation' }, calculation, ' = ', h('b', {}, result)), h('span', { class: 'why' }, why));
  fill(
    host,
    row(`P(${text || 'the end'})`, joined(factors.map((each) => probability(each.probability)), '·'), probability(product), product === 0 && sum !== Infinity ? 'too small for a double' : odds(product)),
    row('−ln P', joined(factors.map((each) => fixed(each.nats, 3)), '+'), `${fixed(sum, 3)} nats`, 'the logarithm makes the product a sum'),
    row('mean', `${fixed(sum, 3)} / ${factors.length}`, `${fixed(mean, 3)} nats`, 'so that long and short texts can be compared: the loss'),
    row('perplexity', h('span', {}, 'e', h('sup', {}, fixed(mean, 3))), fixed(Math.exp(mean), 2), sum === Infinity ? 'one P of 0 makes all of it infinite' : `as if among ${fixed(Math.exp(mean), 1)} equally likely characters`),
  );
}
