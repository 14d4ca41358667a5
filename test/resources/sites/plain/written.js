var written = '%TOKEN_written-by-broken-script%'
