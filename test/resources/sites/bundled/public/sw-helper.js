self.helper = '%TOKEN_service-worker-import%';
