postMessage('%TOKEN_worker%');
