"""A release in the trainers' own code, each in an environment of its own: `make consumers`.

Environments are made under var/consumers on first use. A consumer that does not install is reported
as such; what was really run stands in docs/reference/consumers.md.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.exports.directory import write_release
from tests.exports.hard import HARD
from tests.exports.samples import ODD, SAMPLES, plain

pytestmark = pytest.mark.consumers

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("CONSUMERS_DIR", ROOT / "var" / "consumers"))
SCRIPTS = Path(__file__).parent / "scripts"
MINUTE = 60
# torch in its processor-only build: a plain requirement, taken from wherever pip is told to look.
TORCH = "torch==2.13.0"

# name → (what to install, script)
CONSUMERS = {
    "datasets5": (["datasets==5.2.0"], "load_datasets.py"),
    "datasets4": (["datasets==4.0.0"], "load_datasets.py"),
    "datasets3": (["datasets==3.6.0"], "load_datasets.py"),
    "trl": (
        [TORCH, "trl==1.16.0", "transformers==5.23.0", "datasets==5.2.0", "orjson"],
        "train_trl.py",
    ),
    "tables": (
        ["polars==2.1.0", "duckdb==2.0.0", "pandas", "pyarrow", "datafusion"],
        "read_tables.py",
    ),
    "mlcroissant": (["mlcroissant==1.1.1", "pyarrow"], "read_croissant.py"),
    "mistral": (["mistral-common==1.13.1", "jsonschema"], "check_mistral.py"),
    "llamafactory": ([TORCH, "llamafactory==0.9.5"], "load_llamafactory.py"),
    "swift": ([TORCH, "ms-swift==4.6.0"], "load_swift.py"),
    "torchtune": ([TORCH, "torchtune==0.6.1", "torchao==0.9.0"], "load_torchtune.py"),
    "axolotl": (
        [TORCH, "transformers==5.16.1", "datasets==4.8.4", "pydantic==2.12.5", "peft==0.20.0",
         "accelerate==1.13.0", "trl==1.9.0", "addict", "fire", "requests", "einops", "colorama",
         "python-dotenv==1.0.1", "typer", "scipy", "sentencepiece", "orjson"],
        "load_axolotl.py",
    ),
    "nemo": (
        [TORCH, "transformers==5.18.0", "datasets==5.2.0", "pyyaml", "torchdata", "tiktoken",
         "mistral-common", "orjson"],
        "load_nemo.py",
    ),
    "openrlhf": (
        [TORCH, "transformers==4.57.1", "datasets==4.3.0", "jsonlines", "tqdm", "orjson"],
        "load_openrlhf.py",
    ),
    "unsloth": (
        [TORCH, "transformers==5.17.0", "datasets==4.8.4", "trl==1.15.0", "peft", "accelerate",
         "psutil", "tyro", "protobuf", "sentencepiece", "typer", "rich", "pydantic", "pyyaml",
         "nest-asyncio", "structlog", "pillow", "regex", "msgspec", "orjson"],
        "load_unsloth.py",
    ),
}  # fmt: skip

# Their requirements ask for kernels of graphics cards, which reading data needs none of: these come alone.
BARE = {
    "axolotl": ["axolotl==0.19.0"],
    "nemo": ["nemo-automodel==0.7.0"],
    "openrlhf": ["openrlhf==0.11.2"],
    "unsloth": ["unsloth==2026.10.9", "unsloth_zoo==2026.10.9"],
}

# Built for another torch than ours, and not needed for text.
WITHOUT = {"llamafactory": ["torchvision", "torchaudio"]}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Every sample, the hard ones too, behind plain ones: what a file first shows late stops some loaders."""
    held = [
        {**record.data, "record_id": f"r-{number}"}
        for number, record in enumerate([*SAMPLES.values(), *HARD.values()])
    ]
    more = [
        {**plain(f"Answer {number}. {ODD}").data, "record_id": f"p-{number}"}
        for number in range(30)
    ]
    target = tmp_path_factory.mktemp("release")
    return write_release(
        {"train": more[:20] + held, "validation": more[20:25], "test": more[25:]},
        target,
        Ed25519PrivateKey.generate(),
    )


def environment(name, wanted):
    """The Python of the consumer's own environment; skips where it does not install."""
    python = HOME / name / "bin" / "python"
    if not python.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", HOME / name], check=True)
    for asked in (wanted, ["--no-deps", *BARE[name]] if name in BARE else []):
        # uv keeps one copy of what several environments hold, as torch, and links to it.
        done = subprocess.run(
            [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, *asked],
            capture_output=True,
            text=True,
            timeout=30 * MINUTE,
            env={"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", ""), **os.environ},
        ) if asked else None  # fmt: skip
        if done and done.returncode:
            pytest.skip(f"{name} does not install here: {done.stderr.strip().splitlines()[-1:]}")
    for package in WITHOUT.get(name, []):
        away = [sys.executable, "-m", "uv", "pip", "uninstall", "-q", "--python", python, package]
        subprocess.run(away, check=True)
    return python


@pytest.mark.timeout(60 * MINUTE)
@pytest.mark.parametrize("name", CONSUMERS)
def test_consumer_takes_the_release(name, release, tmp_path):
    wanted, script = CONSUMERS[name]
    python = environment(name, wanted)
    done = subprocess.run(
        [python, SCRIPTS / script, release],
        capture_output=True,
        text=True,
        timeout=25 * MINUTE,
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "HF_HOME": str(tmp_path / "hf"),
            "HF_HUB_OFFLINE": "1",
            "PYTHONPATH": str(ROOT),
            "CUDA_VISIBLE_DEVICES": "",
            "TOKENIZERS_PARALLELISM": "false",
        },
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{name}: {told}")
    note(name, wanted, told)


def note(name, wanted, told):
    """Keep what was run, for docs/reference/consumers.md."""
    place = HOME / "results.json"
    results = json.loads(place.read_text()) if place.exists() else {}
    results[name] = {"installed": wanted, "told": told}
    place.write_text(json.dumps(results, indent=2, sort_keys=True))
