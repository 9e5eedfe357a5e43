from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from delivered import (
    deliver,
    dossier,
    month_row,
    project,
    read_code_once,
    write_log,
    write_sheet,
)

from commune_pilots.briefing.export import check_page
from commune_pilots.errors import DeliveryError, InputError
from commune_pilots.runs import ingest as module
from commune_pilots.runs.delivery_pages import PAGES
from commune_pilots.runs.ingest import ingest

pytestmark = pytest.mark.slow  # every test ingests files in a project of its own


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read_code", read_code_once)
    return project(tmp_path)


def _page(path):
    return path.read_text(encoding="utf-8")


def test_a_log_has_a_page_in_each_language_that_keeps_the_rules_of_pages(layout):
    rows = [dossier(at, f"{5 + at % 20:02d}/01/2022") for at in range(1, 61)]
    write_log(deliver(layout, "ho_so", layout="office_list") / "a.csv", rows)
    ingest(layout, "ho_so")
    for language, name in PAGES.items():
        text = _page(layout.reports("delivery-ho_so") / name)
        page = BeautifulSoup(text, "html.parser")
        assert page.html["lang"] == language
        assert len(page.find(id="checks").find_all("tr")) >= 6
        check_page(text, page=name, grade="none")


def test_the_page_of_a_simulated_delivery_says_so(layout):
    folder = deliver(layout, simulated=True)
    write_sheet(folder / "simulated-t1.xlsx", [month_row("Thị trấn Cần Giuộc", "01/2022", 100, 10)])
    ingest(layout, "so_thang")
    text = _page(layout.reports("delivery-so_thang") / "index.html")
    assert "dữ liệu mô phỏng" in text.lower()


def test_a_page_tells_every_file_that_was_refused(layout):
    folder = deliver(layout)
    for name in ("t1.xlsx", "t2.xlsx"):
        write_sheet(folder / name, [month_row("Xã Không Có", "01/2022", 5, 1)])
    write_sheet(folder / "t3.xlsx", [month_row("Thị trấn Cần Giuộc", "01/2022", 5, 1)])
    with pytest.raises(DeliveryError, match=r"reports/delivery-so_thang\.failed/index\.html"):
        ingest(layout, "so_thang")
    page = BeautifulSoup(_page(layout.failed("delivery-so_thang") / "index.html"), "html.parser")
    told = page.find(id="refused").get_text()
    assert "t1.xlsx" in told
    assert "t2.xlsx" in told
    assert "t3.xlsx" in page.find(id="account").get_text()


def test_the_page_of_refusals_goes_once_the_delivery_is_read(layout):
    folder = deliver(layout)
    write_sheet(folder / "t1.xlsx", [month_row("Xã Không Có", "01/2022", 5, 1)])
    with pytest.raises(InputError):
        ingest(layout, "so_thang")
    assert layout.failed("delivery-so_thang").exists()
    write_sheet(folder / "t1.xlsx", [month_row("Thị trấn Cần Giuộc", "01/2022", 5, 1)])
    ingest(layout, "so_thang")
    assert not layout.failed("delivery-so_thang").exists()
