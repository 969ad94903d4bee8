"""wend: the right Python environment follows the user from directory to directory."""

__version__ = "0.2.0"
