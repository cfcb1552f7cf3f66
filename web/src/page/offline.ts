// SPDX-License-Identifier: MIT
/** The page's files stay in the browser. Where that fails, the page works all the same, as long as there is a network. */
import { moduleUrl } from './engines';
import { namesAddress } from './lists';
import { session } from './session';

let isKept = false; // the names, once they were fetched

export function keepOffline(): void {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const register = async () => {
    await navigator.serviceWorker.register('./service_worker.js');
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ keep: [moduleUrl(await session.engine.isFused)] });
    session.listen(() => {
      if (performance.getEntriesByName(namesAddress).length === 0 || isKept) return;
      isKept = true;
      active?.postMessage({ keep: [namesAddress] });
    });
  };
  addEventListener('load', () => void register().catch(() => {}));
}
