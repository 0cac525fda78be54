"""What every test may use: reference numbers and real files that are not the project's own, and a quiet hypothesis."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile("quick", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# for mutants: that an example fails is enough, and the simplest takes a minute to find
settings.register_profile("unshrunk", settings.get_profile("quick"), phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

SHARED = Path(os.environ.get("HYTE_SHARED", Path(__file__).resolve().parents[1] / ".." / "shared")).resolve()


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Path of a file or folder in ``$HYTE_SHARED``; the test skips, saying so, where it is absent."""

    def find(path: str) -> Path:
        found = SHARED / path
        if not found.exists():
            pytest.skip(f"{path} is not in $HYTE_SHARED (default ../shared)")
        return found

    return find
