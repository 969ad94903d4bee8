"""Install wend into the shells: hooks and launcher in the data directory, one marked block in each start-up file."""

from wend.setup.changes import Change, hook_file, make, plan, removal, sweep

__all__ = ["Change", "hook_file", "make", "plan", "removal", "sweep"]
