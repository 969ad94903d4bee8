"""One table of shells times one list of scenarios, live in a pty."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.shells.{name}" for name in ("driver", "faults", "fish_only", "scenarios", "survival", "upgrade"))
)
