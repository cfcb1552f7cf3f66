// SPDX-License-Identifier: MIT
/** The page: its sections, over one session. */
import { fillBanner } from './banner';
import { loadPlots } from './chart';
import { whenIdle } from './dom';
import { startLesson } from './lesson_view';
import { startLoss } from './loss_view';
import { keepOffline } from './offline';
import { startProof } from './proof_view';
import { startRouter } from './router';
import { session } from './session';
import { startTheme } from './theme';
import { startTraining } from './train_view';
import { startUse } from './use_view';

// For the console and for tests.
Object.assign(window, { microgpt: { session } });

startTheme();
startRouter();
startLoss();
startTraining();
fillBanner();
// What the first view does not need comes when the browser has time.
for (const start of [startLesson, startUse, startProof]) whenIdle(start);
whenIdle(() => void loadPlots());
keepOffline();
