"""Where our people meet django-allauth: adapters, forms and the demand for a second factor."""
