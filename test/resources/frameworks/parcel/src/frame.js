window.frameToken = '%TOKEN_frame-script%';
