/** The beacon as a script tag: `<script src="…" data-url="…" data-token="…"></script>`. */
import { beacon, type PaddleEventCallback } from './index.ts';

declare const document: {
  readonly currentScript: { readonly dataset: Readonly<Record<string, string | undefined>> } | null;
};
declare const window: { paddlewheelBeacon: typeof beacon; paddlewheelSeen?: PaddleEventCallback };

// For pages that learn their token only when they run.
window.paddlewheelBeacon = beacon;
const { url, token, sample = 1 } = document.currentScript?.dataset ?? {};
if (url && token) window.paddlewheelSeen = beacon({ url, token, sample: Number(sample) || 1 });
