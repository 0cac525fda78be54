"""A local service with Sotkanet's recorded answers."""

import importlib
import json
from dataclasses import replace

import pytest

module = importlib.import_module("hyteanalysis.sources.sotkanet")


@pytest.fixture
def bank(service, recorded, monkeypatch):
    """The service with Sotkanet's recorded answers, filtered as the real one filters them."""
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, calls=10_000, timeout=0.4, longest=1.0, wait=0.01))
    service.values = json.loads(recorded("sotkanet/values.json"))

    def values(query, _):
        wanted = [
            row
            for row in service.values
            if str(row["indicator"]) in query["indicator"]
            and str(row["year"]) in query["years"]
            and row["gender"] in query["genders"]
        ]
        return json.dumps(wanted)

    service.routes = {
        "/rest/1.1/regions": lambda query, body: recorded("sotkanet/regions.json"),
        "/rest/1.1/indicators": lambda query, body: recorded("sotkanet/indicators.json"),
        "/rest/1.1/indicators/4404": lambda query, body: recorded("sotkanet/indicator_4404.json"),
        "/rest/1.1/json": values,
    }
    service.base = service.url + "/rest/1.1/"
    return service
