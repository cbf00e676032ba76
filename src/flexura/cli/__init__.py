"""The command line: one verb per file, `root` puts them together, `outcome` says what is printed where."""

from flexura.cli.root import main

__all__ = ["main"]
