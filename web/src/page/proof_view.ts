// SPDX-License-Identifier: MIT
/** The fifth section: what shows that the page computes what the program, and Python, compute. */
import { byId, copy } from './dom';
import { chosenList, fileName } from './documents';
import { downloadModel } from './model_files';
import { startReplay } from './replay';
import { type Run, session } from './session';
import { state } from './settings_form';
import { flagsOf, linkOf } from './state';

let of: Run | undefined;
let name = ''; // of the file that it was on
let list = ''; // or of the list

function update(): void {
  const { model, run } = session;
  if (run !== of) {
    of = run;
    name = fileName();
    list = chosenList();
  }
  const hasRun = model !== undefined && run !== undefined;
  byId('hash').textContent = model?.sha256 ?? '–';
  byId<HTMLButtonElement>('download-model').disabled = !model;
  byId('native').hidden = !hasRun;
  byId('hash-note').textContent = model
    ? run
      ? `Of model.safetensors. The list’s own SHA-256 is ${run.corpus.sha256}.`
      : 'Of model.safetensors, as it was opened.'
    : session.isTraining
      ? 'It is being trained.'
      : 'Train a model first.';
  if (!hasRun) return;
  const flags = flagsOf(run.asked, run.begun.steps, run.invalid);
  const quoted = /^[\w./-]+$/.test(name) ? name : `'${name.replace(/'/g, "'\\''")}'`;
  byId('command').textContent = `microgpt train ${[quoted, '-o model', ...flags].join(' ')}\nsha256sum model/model.safetensors`;
  byId('command-note').textContent =
    run.endedAt !== undefined
      ? `You ended the run at step ${run.endedAt} of ${run.begun.steps}. The program goes on to the end, so it may find a better model. Train to the end here to compare.`
      : 'The list is saved by a button of the first section. The program is built from this repository by ./run, as build/release/microgpt.';
}

export function startProof(): void {
  startReplay();
  session.listen(update);
  update();
  void tellAbout();
  byId('download-model').addEventListener('click', () => void downloadModel());
  byId('copy-command').addEventListener('click', () => void told(byId('command').textContent!, 'The commands are copied.'));
  byId('copy-link').addEventListener('click', () => {
    // Of the run, if there is one; else of what is asked for.
    const { run } = session;
    const from = run ? list : chosenList();
    const isOwn = ['own', 'file'].includes(from);
    const link = linkOf({ ...(run ? run.asked : state()), list: isOwn ? 'own' : from });
    void told(link, `Copied: ${link}${isOwn ? ' Your own list is not in it: whoever opens the link must paste it.' : ''}`);
  });
}

/** What computes here. */
async function tellAbout(): Promise<void> {
  try {
    const [{ version }, isFused] = await Promise.all([session.engine.call('about', {}), session.engine.isFused]);
    byId('about').textContent = `Here runs microgpt ${version}, with ${isFused ? 'this processor’s fused multiply-add' : 'an emulated fused multiply-add, which all browsers have'}. Both give the same bits.`;
  } catch {} // said elsewhere
}

async function told(text: string, message: string): Promise<void> {
  byId('proof-status').textContent = (await copy(text)) ? message : `The browser did not let the page copy this: ${text}`;
}
