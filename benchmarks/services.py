"""What a look at all rows of a service costs, against the plain listing by the vendor's client.

Run ``python benchmarks/services.py [ROWS] [KIND ...]``. The services are the fakes of the tests,
over HTTP; counted are the CPU seconds of the thread that asks, so that neither what the fake takes
in other threads nor any network makes the two alike. ``listing`` is every row by the vendor's
client into the values that it gives, ``look`` the hub's pass that lists all rows, finds whose they
are and that none has changed, ``quiet`` the pass that asks what changed. The budget: a look costs
at most twice the listing. ``MB`` is the peak of what a first pull of all rows holds by itself.

The vendor's client of Feishu is lark-oapi, which the program does without; where it is not
installed, the listing is bare: requests and JSON, nothing decoded.
"""

import argparse
import gc
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

REPEATS = 3
BUDGET = 2.0
Listing = Callable[[], Sequence[object]]


def main() -> None:
    parser = argparse.ArgumentParser(description="What a look at all rows of a service costs.")
    parser.add_argument("rows", nargs="?", type=int, default=10_000)
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--case", help="measure one service in this process")
    wanted = parser.parse_args()
    if wanted.case:
        gc.set_threshold(50_000)  # as the program's own start does
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(_measure(wanted.case, Path(folder), wanted.rows)))
        return
    print(f"{wanted.rows:,} rows, CPU seconds of the thread that asks, median of {REPEATS}\n")
    print(f"{'service':10}{'listing':>9}{'look':>9}{'ratio':>8}{'quiet':>9}{'calls':>7}{'MB':>7}")
    for kind in wanted.kinds:
        command = [sys.executable, __file__, str(wanted.rows), "--case", kind]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = json.loads(told.splitlines()[-1])
        print(
            f"{kind:10}{found['listing']:9.3f}{found['look']:9.3f}{found['ratio']:8.2f}"
            f"{found['quiet']:9.3f}{found['calls']:7}{found['mb']:7.1f}"
            f"{'   OVER' if found['ratio'] > BUDGET else ''}"
        )


def _measure(kind: str, folder: Path, rows: int) -> dict[str, float]:
    world, listing = KINDS[kind](folder)
    world.read(*_entries(rows))
    world.a_pass()
    world.clock.advance(3600)
    world.a_pass()
    times: dict[str, list[float]] = {"listing": [], "look": [], "quiet": []}
    calls = 0
    for _ in range(REPEATS + 1):
        times["listing"].append(_cpu(lambda: _all(listing, rows)))
        world.clock.advance(24 * 3600)  # where calls are counted, such looks are rare
        times["look"].append(_cpu(world.a_pass))
        world.clock.advance(60)
        begun = time.thread_time()
        calls = world.a_pass().tally.calls
        times["quiet"].append(time.thread_time() - begun)
    pairs = list(zip(times["look"], times["listing"], strict=True))[1:]
    connector = type(world.trackers["board"].connector)(world.setup)
    connector.describe()
    tracemalloc.start()
    changes = connector.pull(None)
    peak = tracemalloc.get_traced_memory()[1]
    if len(changes.records) != rows:
        raise RuntimeError(len(changes.records))
    return {
        **{name: statistics.median(several[1:]) for name, several in times.items()},
        "ratio": statistics.median(look / plain for look, plain in pairs),
        "calls": calls,
        "mb": peak / (1 << 20),
    }


def _cpu(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def _all(listing: Listing, rows: int) -> None:
    found = len(listing())
    if found != rows:
        raise RuntimeError(found)


def _entries(rows: int) -> list[Any]:
    from fakes.world import entry  # noqa: PLC0415

    return [
        entry(
            f"核对第 {n} 份供应合同的交付条款并回填台账",
            ("张三", "李四")[n % 2],
            str(date(2025, 6, 1) + timedelta(days=n % 200)),
            acceptance=f"台账第 {n} 行有签字",
            note="等对方回复" if n % 3 == 0 else None,
        )
        for n in range(rows)
    ]


# --- the services, each with the listing by its vendor's client -----------------------------------


def _airtable(folder: Path) -> tuple[Any, Listing]:
    from contract.shared import SECRET  # noqa: PLC0415
    from e2e.hubs import SERVICES, Hub  # noqa: PLC0415
    from fakes.airtable import TABLE  # noqa: PLC0415
    from pyairtable import Api  # noqa: PLC0415

    world = Hub(folder, SERVICES["airtable"])
    world.fake.strict = False  # the listing does not wait as the connector does

    def listing() -> Sequence[object]:
        table = Api(SECRET, endpoint_url=world.fake.url).table(world.fake.base_id, TABLE)
        return table.all(page_size=100)

    return world, listing


def _feishu(folder: Path) -> tuple[Any, Listing]:
    from e2e.hubs import SERVICES, Hub  # noqa: PLC0415

    world = Hub(folder, SERVICES["feishu"])
    has_sdk = importlib.util.find_spec("lark_oapi") is not None
    return world, (lambda: _lark(world)) if has_sdk else (lambda: _bare_feishu(world))


def _feishu_token(world: Any, session: Any) -> str:
    from contract.shared import SECRET  # noqa: PLC0415

    path = "/open-apis/auth/v3/tenant_access_token/internal"
    body = {"app_id": world.fake.app_id, "app_secret": SECRET}
    return str(session.post(world.fake.url + path, json=body).json()["tenant_access_token"])


def _bare_feishu(world: Any) -> Sequence[object]:
    import requests  # noqa: PLC0415
    from fakes.feishu import APP, TABLE  # noqa: PLC0415

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {_feishu_token(world, session)}"
    url = f"{world.fake.url}/open-apis/bitable/v1/apps/{APP}/tables/{TABLE}/records/search"
    found: list[object] = []
    params: dict[str, Any] = {"page_size": 500}
    while True:
        data = session.post(url, params=params, json={"automatic_fields": True}).json()["data"]
        found += data["items"]
        if not data.get("has_more"):
            return found
        params["page_token"] = data["page_token"]


def _lark(world: Any) -> Sequence[object]:
    import lark_oapi as lark  # type: ignore[import-not-found]  # noqa: PLC0415
    import requests  # noqa: PLC0415
    from fakes.feishu import APP, TABLE  # noqa: PLC0415
    from lark_oapi.api.bitable import v1  # type: ignore[import-not-found]  # noqa: PLC0415

    token = _feishu_token(world, requests)
    option = lark.RequestOption.builder().tenant_access_token(token).build()
    client = lark.Client.builder().app_id(world.fake.app_id).app_secret("x").enable_set_token(True)
    client = client.build()
    client._config.domain = world.fake.url  # noqa: SLF001  # which has a path: the builder minds
    body = v1.SearchAppTableRecordRequestBody.builder().automatic_fields(True).build()
    asked = v1.SearchAppTableRecordRequest.builder().app_token(APP).table_id(TABLE)
    asked = asked.page_size(500).request_body(body)
    found: list[object] = []
    while True:
        answer = client.bitable.v1.app_table_record.search(asked.build(), option)
        if not answer.success():
            raise RuntimeError(answer.msg)
        found += answer.data.items
        if not answer.data.has_more:
            return found
        asked = asked.page_token(answer.data.page_token)


def _jira(folder: Path) -> tuple[Any, Listing]:
    from contract.shared import SECRET  # noqa: PLC0415
    from e2e.hubs import SERVICES, Hub  # noqa: PLC0415
    from jira import JIRA  # noqa: PLC0415

    world = Hub(folder, SERVICES["jira cloud"])

    def listing() -> Sequence[object]:
        client = JIRA(
            world.fake.base_url,
            options={"rest_api_version": "3"},
            basic_auth=(world.fake.email, SECRET),
            get_server_info=False,
        )
        client.deploymentType = "Cloud"  # what it would have been told by the server information
        found = client.enhanced_search_issues("project = 10000 ORDER BY created ASC", maxResults=0)
        return list(found)

    return world, listing


def _notion(folder: Path) -> tuple[Any, Listing]:
    from contract.shared import SECRET  # noqa: PLC0415
    from e2e.hubs import SERVICES, Hub  # noqa: PLC0415
    from notion_client import Client  # noqa: PLC0415
    from notion_client.helpers import collect_paginated_api  # noqa: PLC0415

    world = Hub(folder, SERVICES["notion"])

    def listing() -> Sequence[object]:
        client = Client(auth=SECRET, base_url=world.fake.base_url)
        query = client.data_sources.query
        found = collect_paginated_api(query, data_source_id=world.fake.source_id, page_size=100)
        return list(found)

    return world, listing


KINDS: dict[str, Callable[[Path], tuple[Any, Listing]]] = {
    "airtable": _airtable,
    "feishu": _feishu,
    "jira": _jira,
    "notion": _notion,
}


if __name__ == "__main__":
    main()
