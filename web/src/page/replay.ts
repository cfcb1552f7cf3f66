// SPDX-License-Identifier: MIT
/** microgpt.py, replayed by the exact engine in a worker of its own. */
import type { Engine } from '../module/microgpt';
import { byId, clearError, say, showError } from './dom';
import { documents } from './documents';
import { newEngine } from './engines';
import { listOf } from './lists';
import { count } from './numbers';
import { referenceNumbers } from './reference_numbers';

const slice = 10; // steps of a call

const field = (name: string) => byId<HTMLFormElement>('replay-form').elements.namedItem(name) as HTMLInputElement;

async function sha256(bytes: Uint8Array): Promise<string> {
  // Only pages from a safe place, such as https or this machine, may hash.
  if (!crypto.subtle) return '';
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of float.hex(): 0x1.8p+1 is 3. */
function hexFloat(text: string): number {
  const [, sign, whole, digits, exponent] = /^(-?)0x([01])\.?([0-9a-f]*)p([+-]\d+)$/.exec(text) ?? [];
  const mantissa = Number(`0x${whole}${digits}`) / 16 ** (digits?.length ?? 0);
  return (sign ? -1 : 1) * mantissa * 2 ** Number(exponent);
}

function whole(name: string): number {
  const value = Number(field(name).value);
  if (!Number.isInteger(value) || value < 0 || field(name).value.trim() === '') throw new Error(`${name}: “${field(name).value}” is no whole number`);
  return value;
}

export function startReplay(): void {
  const [run, stop] = [byId<HTMLButtonElement>('replay-run'), byId<HTMLButtonElement>('replay-stop')];
  let isStopped = false;

  async function replay(): Promise<void> {
    clearError('replay-error');
    const [log, status, verdict] = [byId('replay-log'), byId('replay-status'), byId('replay-verdict')];
    log.textContent = verdict.textContent = '';
    log.hidden = false;
    run.disabled = true;
    stop.disabled = false;
    isStopped = false;
    let engine: Engine | undefined;
    try {
      const [seed, wanted] = [whole('seed'), whole('steps')];
      const revision = field('revision').value as 'final' | 'first';
      const bytes = field('documents').value === 'list' ? (await documents()).bytes : await listOf('names')!.bytes();
      engine = newEngine();
      const { steps, documents: number, vocab_size, parameters } = await engine.call('begin_reference', { bytes, revision, seed, steps: wanted });
      const python = referenceNumbers[[await sha256(bytes), revision, seed, steps].join(' ')];
      log.append(`num docs: ${number}\nvocab size: ${vocab_size}\nnum params: ${parameters}\n`);
      const width = Math.max(4, String(steps).length);
      let same = 0;
      let farthest = 0;
      let hash = '';
      let step = 0;
      for (let isFinished = steps === 0; !isFinished && !isStopped; ) {
        const answer = await engine.call('replay', { steps: slice });
        const lines = answer.losses.map((loss, i) => {
          const expected = python?.[step + i];
          if (expected === answer.exact[i]) ++same;
          else if (expected !== undefined) farthest = Math.max(farthest, Math.abs(loss - hexFloat(expected)));
          const beside = expected === undefined ? '' : expected === answer.exact[i] ? '  = Python' : `  Python: ${expected}`;
          return `step ${String(step + i + 1).padStart(width)} / ${String(steps).padStart(width)} | loss ${loss.toFixed(4)}   ${answer.exact[i]}${beside}\n`;
        });
        const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
        log.append(lines.join(''));
        if (isAtEnd) log.scrollTop = log.scrollHeight;
        step = answer.step;
        if (answer.parameters_sha256) hash = `SHA-256 of the parameters after step ${count(answer.step)}, as float.hex() has them, one a line: ${answer.parameters_sha256}. `;
        isFinished = answer.is_finished;
        say(status, `Step ${count(step)} of ${count(steps)}.`, !isFinished && !isStopped);
      }
      const compared = python ? `${count(same)} of ${count(step)} losses have Python’s bits${farthest > 0 ? `; the others differ by ${farthest.toExponential(1)} at most` : ''}. ` : 'Python’s own numbers are not in this page for these settings. ';
      verdict.textContent = `${compared}${hash}The program’s own, by its C library: microgpt reference --params params.hex${revision === 'first' ? ' --revision first' : ''}${seed === 42 ? '' : ` --seed ${seed}`} --num-steps ${steps} && sha256sum params.hex`;
    } catch (error) {
      status.textContent = '';
      showError('replay-error', error);
    } finally {
      engine?.terminate();
      run.disabled = false;
      stop.disabled = true;
    }
  }
  byId('replay-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!run.disabled) void replay();
  });
  stop.addEventListener('click', () => (isStopped = true));
}
