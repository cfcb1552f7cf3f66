// SPDX-License-Identifier: MIT
/** Makes up lines, and says which of them the model may know by heart. */
import type { Request } from '../module/messages';
import { byId, clearError, fill, h, showError } from './dom';
import { fixed, plural } from './numbers';
import { session } from './session';

const form = byId<HTMLFormElement>('sample-form');
const parts = { training: 'trained on', validation: 'held out', test: 'held out' };
const numbers = ['count', 'min_length', 'max_length', 'temperature', 'top_k', 'seed'] as const;
const texts = ['prompt', 'contains'] as const;
const flags = ['unique', 'not_in'] as const;

const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;

function request(): Request<'sample'> {
  const asked: Record<string, number | string | boolean> = { budget: 20_000 };
  for (const name of numbers) {
    const text = field(name).value.trim();
    if (text === '') continue;
    if (!Number.isFinite(Number(text))) throw new Error(`${name}: “${text}” is no number`);
    asked[name] = Number(text);
  }
  for (const name of texts) if (field(name).value !== '') asked[name] = field(name).value;
  for (const name of flags) if (field(name).checked) asked[name] = true;
  return asked;
}

async function sample(): Promise<void> {
  clearError('sample-error');
  const status = byId('sample-status');
  status.textContent = 'Making up …';
  try {
    const asked = request();
    if (asked.not_in && !session.run) throw new Error('the model came without its list; train on the list, or clear “none of the list’s own”');
    const { samples } = await session.call('sample', asked);
    const isOwn = session.run !== undefined;
    const known = samples.filter(({ part }) => part === 'training').length;
    status.textContent =
      samples.length === 0
        ? 'None was found that fits. Loosen what is asked for, or raise the temperature.'
        : `${plural(samples.length, 'line')}${samples.length < (asked.count ?? 10) ? ', and no more were found that fit' : ''}.${isOwn && known > 0 ? ` ${known} of them it was trained on.` : ''}`;
    byId('samples-key').hidden = !isOwn || samples.length === 0;
    byId('samples').classList.toggle('long', samples.some(({ text }) => text.length > 40));
    fill(
      byId('samples'),
      ...samples.map(({ text, bits, part }) =>
        h('li', { class: part ?? 'new' }, h('span', { class: 'text' }, text === '' ? '(empty)' : text), h('span', { class: 'note' }, `${fixed(bits, 1)} bits`), isOwn && h('span', { class: 'tag' }, part ? parts[part] : 'new')),
      ),
    );
  } catch (error) {
    status.textContent = '';
    showError('sample-error', error);
  }
}

export function startSampling(): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void sample();
  });
  byId('sample-next').addEventListener('click', () => {
    field('seed').value = String(Number(field('seed').value || 0) + 1);
    void sample();
  });
  session.listen(() => {
    if (session.model) return;
    fill(byId('samples'));
    byId('samples-key').hidden = true;
    byId('sample-status').textContent = '';
  });
}
