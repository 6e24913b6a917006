"""The wheel works by itself: models and flows travel inside it, and the commands run in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, folder: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def build(kind: str, *, source: Path, out: Path) -> Path:
    run(sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", out, source, folder=out)
    (built,) = out.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def bundled_files() -> set[str]:
    """The models, flows and deployments of the checkout by the names they have in a wheel."""
    found = [path for room, ending in (("sql", "*.sql"), ("pipelines", "*.py")) for path in (ROOT / room).rglob(ending)]
    return {f"journeys/_bundled/{path.relative_to(ROOT).as_posix()}" for path in (*found, ROOT / "prefect.yaml")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", source=ROOT, out=tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment that holds the wheel and sees the libraries already installed here."""
    folder = tmp_path_factory.mktemp("wheel") / "env"
    venv.create(folder, with_pip=False)
    places = {"base": str(folder), "platbase": str(folder)}
    library = Path(sysconfig.get_path("purelib", "venv", vars=places))
    # A plain path line shows these libraries without their own .pth files, so that the checkout itself stays unseen.
    (library / "installed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    found = Path(sysconfig.get_path("scripts", "venv", vars=places))
    pip = [sys.executable, "-m", "pip", "--python", found / "python", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", wheel, folder=folder)
    return found


def test_wheel_holds_models_and_flows(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert bundled_files()
    assert bundled_files() - names == set()
    assert [name for name in names if "__pycache__" in name or name.startswith(("tests", "src"))] == []


def test_installed_wheel_is_what_runs(programs: Path, tmp_path: Path) -> None:
    place = Path(run(programs / "python", "-c", "import journeys; print(journeys.__file__)", folder=tmp_path).strip())
    assert place.is_relative_to(programs.parent)


@pytest.mark.prove
def test_commands_run_in_an_empty_folder(programs: Path, tmp_path: Path) -> None:
    run(programs / "journeys", "init", folder=tmp_path)
    assert (tmp_path / "journeys.toml").is_file()

    run(programs / "journeys", "demo", "--dir", "shop", "--persons", "40", folder=tmp_path)
    for name in ("journeys.toml", "data", "truth", "warehouse/current", "report.html"):
        assert (tmp_path / "shop" / name).exists(), name


@pytest.mark.prove
def test_wheel_of_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "sdist"
    with tarfile.open(build("sdist", source=ROOT, out=tmp_path)) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    (tmp_path / "again").mkdir()
    again = build("wheel", source=source, out=tmp_path / "again")
    first, second = (zipfile.ZipFile(path) for path in (wheel, again))
    assert {each.filename: each.CRC for each in first.infolist()} == {
        each.filename: each.CRC for each in second.infolist()
    }
