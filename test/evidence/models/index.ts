import { bundlers } from './bundlers.ts';
import type { Model } from './model.ts';
import { viteBased } from './vite-based.ts';

export const MODELS: readonly Model[] = [...viteBased, ...bundlers];
