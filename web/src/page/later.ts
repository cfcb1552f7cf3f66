// SPDX-License-Identifier: MIT
/** What the first view does not need. */
import { startLesson } from './lesson_view';
import { startProof } from './proof_view';
import { startUse } from './use_view';

export function startLater(): void {
  startLesson();
  startUse();
  startProof();
}
