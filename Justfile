set positional-arguments

# keep the working folder off sys.path: datasets/ is not Hugging Face's datasets
export PYTHONSAFEPATH := "1"
export TF_CPP_MIN_LOG_LEVEL := "3"

bin := justfile_directory() / ".venv/bin"

# list the recipes
@default:
    just --list

# make .venv with every extra and the dev tools, unless it is there and up to date
setup:
    #!/usr/bin/env bash
    set -euo pipefail
    stamp=.venv/.made-from
    want=$(cat pyproject.toml constraints.txt | sha256sum)
    if [ -x {{ bin }}/python ] && [ "$(cat $stamp 2>/dev/null)" = "$want" ]; then exit 0; fi
    python=$(command -v python3.11 || command -v python3.12 || command -v python3)
    echo "Setting up .venv (about a minute; it takes 3.2 GB)"
    [ -x {{ bin }}/python ] || "$python" -m venv .venv
    {{ bin }}/python -m pip install --quiet --disable-pip-version-check --upgrade -c constraints.txt pip
    {{ bin }}/python -m pip install --quiet -c constraints.txt --editable '.[all]' --group dev
    just _system-libraries
    echo "$want" > $stamp

# opencv-python needs two libraries of the system
_system-libraries:
    #!/usr/bin/env bash
    set -euo pipefail
    if {{ bin }}/python -c 'import cv2' 2>/dev/null; then exit 0; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends libgl1 libglib2.0-0
        {{ bin }}/python -c 'import cv2'
    else
        echo "opencv-python cannot load: install libgl1 and libglib2.0-0 (Debian, Ubuntu)" >&2
        exit 2
    fi

# the main job on the bundled performers: demo/parody.mp4 and demo/report.html
demo *args: setup
    {{ bin }}/lampoon demo "$@"

# everything CI runs
check: lint types layers test

# rewrite files in the house style
format: setup
    {{ bin }}/ruff check --fix
    {{ bin }}/ruff format

# style only, nothing is rewritten
lint: setup
    {{ bin }}/ruff check
    {{ bin }}/ruff format --check

# static types
types: setup
    {{ bin }}/mypy

# imports only go down the floors
layers: setup
    {{ bin }}/lint-imports --no-cache

# tests and doc examples: just test tests/unit -k blink (slow ones: just test-slow)
test *args: setup
    {{ bin }}/coverage run -m pytest -m "not slow and not gpu and not graphics" "$@"
    {{ bin }}/coverage report --skip-covered --skip-empty

# the tests that take more than a second each
test-slow *args: setup
    {{ bin }}/python -m pytest -m "slow and not gpu and not graphics" "$@"
    {{ bin }}/python -m pytest -m "slow and graphics" "$@"

# speed and quality, each beside its limit or peer in the same run
bench *args: setup
    {{ bin }}/lampoon bench "$@"

# build both archives, then try the wheel in a clean environment outside the checkout
package: setup
    #!/usr/bin/env bash
    set -euo pipefail
    rm -rf dist build
    {{ bin }}/python -m build --outdir dist
    elsewhere=$(mktemp -d)
    trap 'rm -rf "$elsewhere"' EXIT
    "$(readlink -f {{ bin }}/python)" -m venv "$elsewhere/venv"
    "$elsewhere/venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
    cd "$elsewhere" && venv/bin/lampoon doctor
