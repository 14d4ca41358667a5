self.postMessage('%TOKEN_worker%');
