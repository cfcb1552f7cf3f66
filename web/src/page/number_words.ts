// SPDX-License-Identifier: MIT
const small =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const tens = 'x x twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** A whole number from 0 to 1000 in words. */
export function words(n: number): string {
  if (n === 1000) return 'one thousand';
  if (n < 20) return small[n];
  if (n < 100) return tens[Math.floor(n / 10)] + (n % 10 ? `-${small[n % 10]}` : '');
  return `${small[Math.floor(n / 100)]} hundred${n % 100 ? ` and ${words(n % 100)}` : ''}`;
}

const letters: [number, string][] = [[1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'], [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']];

/** A whole number from 1 as a Roman numeral. */
export function roman(n: number): string {
  let text = '';
  for (const [value, letter] of letters) for (; n >= value; n -= value) text += letter;
  return text;
}
