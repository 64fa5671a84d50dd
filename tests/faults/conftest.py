import shutil
import tempfile
from pathlib import Path

import pytest

from lib.embedded import discard
from tests.faults.installation import Installation


def pytest_collection_modifyitems(items):
    """Everything here kills processes; the starts of one worker follow each other."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def folder():
    """A folder that every account may enter, with a space in its name."""
    made = Path(tempfile.mkdtemp(prefix="firsthand faults "))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def installations(folder):
    """Make installations; end them afterwards, whatever happened."""
    made = []

    def make(name="var", **options):
        made.append(Installation(folder / name, **options))
        return made[-1]

    yield make
    for installation in made:
        installation.stop()
        if installation.var_dir.exists():
            discard(installation.var_dir)


@pytest.fixture
def installation(installations):
    return installations()
