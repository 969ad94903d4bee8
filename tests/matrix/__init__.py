"""Other tools in the same shell, each before and behind wend's block."""

import pytest

pytest.register_assert_rewrite("tests.shells.driver", "tests.matrix.visit")
