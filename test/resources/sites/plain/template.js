var template = '%SPLIT_template%'
