from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    """What runs here starts whole processes: part of `make test`, too slow for `make check`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.processes)
