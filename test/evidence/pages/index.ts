import { caches } from './caches.ts';
import { configuration } from './configuration.ts';
import { frameworks } from './frameworks.ts';
import { hidingPlaces } from './hiding-places.ts';
import { hostile } from './hostile.ts';
import { markup } from './markup.ts';
import type { PageCase } from './page-case.ts';
import { thirdParties } from './third-parties.ts';

export const PAGES: Readonly<Record<string, readonly PageCase[]>> = {
  'frameworks and bundlers': frameworks,
  'other origins': thirdParties,
  'markup and scripts': markup,
  'hiding places': hidingPlaces,
  caches,
  'the configuration of Paddle.js': configuration,
  'bad input': hostile,
};
