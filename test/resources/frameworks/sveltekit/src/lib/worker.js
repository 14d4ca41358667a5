self.onmessage = () => self.postMessage('%TOKEN_worker%');
