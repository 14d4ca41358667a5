self.addEventListener('message', () => {
  self.postMessage('%TOKEN_worker%');
});
