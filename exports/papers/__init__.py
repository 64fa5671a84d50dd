"""The papers that go with a release: pure functions of its facts, so that a rebuild writes the same."""
