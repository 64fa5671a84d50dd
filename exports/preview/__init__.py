"""What a model will see of a record: template, tokens, loss mask and cut, as a trainer makes them."""
