self.postMessage('%TOKEN_worker%'); import('./in-worker.js').then(({ inside }) => self.postMessage(inside));
