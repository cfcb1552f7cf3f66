// SPDX-License-Identifier: MIT
/** The page: its sections, over one session. */
import { fillBanner } from './banner';
import { loadPlots } from './chart';
import { whenIdle } from './dom';
import { startLesson } from './lesson_view';
import { startLoss } from './loss_view';
import { keepOffline } from './offline';
import { startProof } from './proof_view';
import { currentView, onView, startRouter } from './router';
import { session } from './session';
import { startTheme } from './theme';
import { startTraining } from './train_view';
import { startUse } from './use_view';

// For the console and for tests.
Object.assign(window, { microgpt: { session } });

// What is not needed for the first view waits until it is shown, or until the browser has time.
const later = new Map([['lesson', startLesson], ['use', startUse], ['proof', startProof]]);

function startView(name: string): void {
  const start = later.get(name);
  later.delete(name);
  start?.();
}

startTheme();
startRouter();
startLoss();
startTraining();
fillBanner();
onView(startView);
startView(currentView());
for (const name of later.keys()) whenIdle(() => startView(name));
whenIdle(() => void loadPlots());
keepOffline();
