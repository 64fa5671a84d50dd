"""Run import-linter as a module: its console script does not survive a path with a space."""

from importlinter.cli import lint_imports_command

if __name__ == "__main__":
    lint_imports_command()
