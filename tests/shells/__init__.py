"""One table of shells times one list of scenarios, live in a pty."""

import pytest

pytest.register_assert_rewrite("tests.shells.driver", "tests.shells.scenarios", "tests.shells.survival")
