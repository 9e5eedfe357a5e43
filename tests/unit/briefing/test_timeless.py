from __future__ import annotations

import io
import zipfile

from commune_pilots.briefing.timeless import timeless


def _packed(day: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        for name in ("b.xml", "a.xml"):
            about = zipfile.ZipInfo(name, date_time=(2026, 11, day, 1, 2, 4))
            parts.writestr(about, f"<{name[0]}/>")
    return packed.getvalue()


def test_packages_written_at_two_times_become_the_same_bytes():
    assert _packed(1) != _packed(2)
    assert timeless(_packed(1)) == timeless(_packed(2))


def test_the_parts_keep_their_order_and_their_content():
    with zipfile.ZipFile(io.BytesIO(timeless(_packed(1)))) as parts:
        assert parts.namelist() == ["b.xml", "a.xml"]
        assert parts.read("a.xml") == b"<a/>"
