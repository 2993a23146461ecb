"""Run the command line: ``python -m lampoon``."""

from lampoon.cli import main

if __name__ == "__main__":
    main()
