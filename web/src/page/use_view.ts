// SPDX-License-Identifier: MIT
/** The fourth section: what a model is good for. */
import { startCompare } from './compare';
import { byId } from './dom';
import { startOpening } from './model_files';
import { count } from './numbers';
import { startSampling } from './sampling';
import { startScoring } from './scoring';
import { session } from './session';

export function startUse(): void {
  startOpening();
  startScoring();
  startSampling();
  startCompare();
  const update = () => {
    const { model, run } = session;
    const has = model !== undefined;
    for (const id of ['score-run', 'score-list', 'sample-run', 'sample-next']) byId<HTMLButtonElement>(id).disabled = !has;
    byId<HTMLButtonElement>('score-list').hidden = !run;
    byId('use-lead').textContent = has
      ? `The model has ${count(model.parameters)} parameters and knows ${count(model.symbols.length - 1)} characters${run ? `. It was trained on ${run.documents.name}` : ''}. It tells odd lines from usual ones, and makes up new ones.`
      : session.isTraining
        ? 'The model is being trained. When it is, it tells odd lines from usual ones, and makes up new ones.'
        : 'Train a model or open one: then it tells odd lines from usual ones, and makes up new ones.';
  };
  session.listen(update);
  update();
}
