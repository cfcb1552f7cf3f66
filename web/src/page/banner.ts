// SPDX-License-Identifier: MIT
/** Above all sections: a worker that ended, or does not answer. */
import { byId, fill, h } from './dom';
import { session } from './session';

export function fillBanner(): void {
  const banner = byId('banner');
  let before = '';
  session.listen(() => {
    const now = session.phase === 'stopped' ? 'stopped' : session.isSilent ? 'silent' : '';
    if (now === before) return;
    before = now;
    if (now === '') return fill(banner);
    const text =
      now === 'stopped'
        ? 'The worker has ended, and its run and model with it. What you typed is still here.'
        : 'The worker has not answered for some seconds. It may have much to do, or the browser has ended it.';
    fill(
      banner,
      h('p', {}, text),
      h('button', { type: 'button', id: 'restart', click: () => session.restart() }, 'Start again'),
    );
  });
}
