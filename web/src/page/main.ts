// SPDX-License-Identifier: MIT
/** The page: its sections, over one session. */
import { fillBanner } from './banner';
import { startLoss } from './loss_view';
import { keepOffline } from './offline';
import { startRouter } from './router';
import { session } from './session';
import { startTheme } from './theme';
import { startTraining } from './train_view';

// For the console and for tests.
Object.assign(window, { microgpt: { session } });

startTheme();
startRouter();
startLoss();
startTraining();
fillBanner();
// What is below the first view comes when the browser has time.
void import('./later').then(({ startLater }) => startLater());
keepOffline();
