import { shared } from './shared.js'; self.postMessage(['%TOKEN_worker%', shared]); import('./in-worker.js').then(({ inside }) => self.postMessage(inside));
