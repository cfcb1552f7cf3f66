// SPDX-License-Identifier: MIT
/** The page's files stay in the browser. Where that fails, the page works all the same, as long as there is a network. */
import { moduleUrl } from './engines';
import { session } from './session';

export function keepOffline(): void {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const register = async () => {
    await navigator.serviceWorker.register('./service_worker.js');
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ keep: [moduleUrl(await session.engine.isFused)] });
  };
  addEventListener('load', () => void register().catch(() => {}));
}
