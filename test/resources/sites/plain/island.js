var island = '%TOKEN_named-in-json%'
