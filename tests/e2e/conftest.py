"""The hub over each service, for the suites that play with it."""

from pathlib import Path

import pytest
from e2e.hubs import SERVICES, Hub
from fakes.world import entry


@pytest.fixture(params=SERVICES)
def hub(tmp_path: Path, request: pytest.FixtureRequest) -> Hub:
    return Hub(tmp_path, SERVICES[request.param])


@pytest.fixture
def two(hub: Hub) -> Hub:
    """Two items that are rows, and long enough ago that no look repeats them."""
    hub.read(entry("写报告", due="2024-05-27"), entry("评估周期", "李四", "2024-06-03"))
    hub.a_pass()
    hub.clock.advance(hub.service.rest_s)
    hub.a_pass()
    return hub
