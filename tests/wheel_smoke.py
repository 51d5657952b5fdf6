"""Build the wheel, install it in a clean environment outside the checkout and run it.

Run by ``make wheel``; not collected by pytest. Catches what a checkout hides: package data left out
of the wheel, imports that only work beside the tests, missing run-time dependencies.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    """Run one command; its output is returned, and shown when it fails."""
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        message = f"exit code {done.returncode}: {' '.join(str(c) for c in command)}"
        raise SystemExit(message)
    return done.stdout


def main() -> None:
    """Build, install, run."""
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        run(
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            away,
            ROOT,
            cwd=away,
        )
        (wheel,) = away.glob("*.whl")
        venv.create(away / "env", with_pip=True)
        scripts = away / "env" / ("Scripts" if sys.platform == "win32" else "bin")
        pip = [scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.txt", cwd=away)
        run(*pip, "--no-deps", wheel, cwd=away)
        command = scripts / "living-circle"
        version = run(command, "--version", cwd=away).strip()
        run(scripts / "python", "-c", "import analysis, service", cwd=away)
        run(command, "sample-district", away / "district", cwd=away)
        district = away / "district"
        run(
            command, "analyse", "--quiet", district / "district.osm.pbf",
            "--circles", district / "circles.gpkg", "--facilities", district / "facilities.csv",
            "--population", district / "population.csv", "--out", away / "out",
            cwd=away,
        )  # fmt: skip
        made = sorted(file.name for file in (away / "out").iterdir())
        expected = {
            "study.json",
            "run.json",
            "assessment.csv",
            "assessment.xlsx",
            "reach.parquet",
            "gaps.gpkg",
            "gaps.geojson",
            "map.html",
        }
        missing = expected - set(made)
        if missing:
            message = f"the wheel's own run did not write {sorted(missing)}"
            raise SystemExit(message)
        sys.stdout.write(
            f"wheel smoke test: {version}, sample district analysed, {len(made)} results\n"
        )


if __name__ == "__main__":
    main()
