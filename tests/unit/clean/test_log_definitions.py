from __future__ import annotations

import datetime as dt
import itertools

import pytest
from logs import dossiers, fetched, sent

from commune_pilots import catalogue
from commune_pilots.clean import log_definitions as ways
from commune_pilots.errors import InputError, ParameterError

ONLINE = ("online_a", "online_b", "online_c", "online_d")
DUE = dt.datetime(2024, 3, 8)
ON_THE_DAY, AFTER = dt.datetime(2024, 3, 8, 16, 30), dt.datetime(2024, 3, 9, 8)


def _counted(rows, *variants):
    """Count drawn rows: variant -> (part, whole, unknown)."""
    names = [f"{variant}_received" for variant in variants]
    found = fetched(ways.counted(sent(dossiers(rows)), names)).iloc[0]
    return {
        variant: tuple(int(found[f"{name}__{what}"]) for what in ("part", "whole", "unknown"))
        for variant, name in zip(variants, names, strict=True)
    }


def _log(count, **same):
    return [same] * count


FILED = [
    *_log(4, status=10, channel="online", level="full_process", filer="owner"),
    *_log(3, status=2, channel="online", level="partial", filer="somebody_else"),
    *_log(5, status=9, channel="counter", level="full_process", filer="owner"),
    *_log(2, status=4, channel="counter", level="information", filer="owner"),
    *_log(6, status=4, channel="post", level="partial", filer="owner"),
    *_log(7, status=3, channel="online", level="full_process", filer="owner"),
    *_log(8, status=1, channel="online", level="full_process", filer="owner"),
]


def test_one_log_has_four_online_rates():
    assert _counted(FILED, *ONLINE) == {
        "online_a": (7, 20, 0),  # 35%: post counts as received
        "online_b": (7, 12, 0),  # 58%: post and information procedures left out
        "online_c": (4, 9, 0),  # 44%: full-process procedures alone
        "online_d": (4, 20, 0),  # 20%: filed by somebody else is not remote
    }


def test_the_gap_between_two_definitions_is_that_of_the_same_dossiers():
    found = _counted(FILED, "online_b", "online_d")
    b, d = (100 * part / whole for part, whole, _ in found.values())
    assert (b - d) == pytest.approx(38.3, abs=0.05)


def test_refused_and_new_dossiers_are_not_received():
    rows = [{"status": status, "channel": "online"} for status in range(1, 11)]
    assert _counted(rows, "online_a") == {"online_a": (8, 8, 0)}


def _by_hand(row, variant):
    """Count one dossier in three-valued logic, written apart from the expressions."""
    status, channel, level, filer = row

    def both(*known):
        return False if False in known else None if None in known else True

    received = None if status is None else status not in (1, 3)
    online = None if channel is None else channel == "online"
    full = None if level is None else level == "full_process"
    graded = None if level is None else level != "information"
    met = None if channel is None else channel != "post"
    own = None if filer is None else filer == "owner"
    whole = {
        "online_a": received,
        "online_b": both(received, graded, met),
        "online_c": both(received, full),
        "online_d": received,
    }[variant]
    part = both(online, own) if variant == "online_d" else online
    inside = whole is True and part is not None
    unknown = whole is not False and not inside
    return int(inside and part), int(inside), int(unknown)


def test_what_a_row_does_not_tell_is_unknown_and_never_no():
    rows = list(
        itertools.product(
            (None, 1, 4, 10),
            (None, "counter", "online", "post"),
            (None, "full_process", "partial", "information"),
            (None, "owner", "somebody_else"),
        )
    )
    log = sent(
        dossiers(
            dict(zip(("status", "channel", "level", "filer"), row, strict=True)) for row in rows
        )
    )
    names = [f"{variant}_received" for variant in ONLINE]
    stands, sums = {}, {}
    for one in ways.from_log(names):
        stands |= ways.sides(one)
        sums |= ways.tallies(one)
    placed = log.mutate(**stands)
    found = fetched(placed.group_by("row").aggregate(**sums)).sort_values("row")
    assert len(rows) == 192
    for variant, name in zip(ONLINE, names, strict=True):
        columns = [f"{name}__{what}" for what in ("part", "whole", "unknown")]
        told = [tuple(values) for values in found[columns].to_numpy().tolist()]
        assert told == [_by_hand(row, variant) for row in rows]


def test_on_time_compares_days_and_the_flattering_print_counts_more():
    rows = [
        *_log(6, status=10, due=DUE, completed=ON_THE_DAY),
        *_log(2, status=9, due=DUE, completed=AFTER),
        *_log(3, status=5, due=DUE),
        *_log(1, status=7, due=DUE),
        *_log(4, status=4, due=DUE),
    ]
    assert _counted(rows, "on_time_a", "on_time_b") == {
        "on_time_a": (6, 8, 0),
        "on_time_b": (10, 12, 0),
    }


def test_done_without_a_due_date_is_unknown():
    rows = [*_log(1, status=10, completed=AFTER), *_log(1, status=10, due=DUE)]
    assert _counted(rows, "on_time_a") == {"on_time_a": (0, 0, 2)}


def test_payment_counts_cases_or_money():
    owed = {"status": 10, "fee_due": 50_000.0}
    rows = [
        *_log(1, **owed, fee_paid=50_000.0, paid="national_portal"),
        *_log(1, **owed, fee_paid=20_000.0, paid="other_online"),
        *_log(2, **owed, fee_paid=50_000.0, paid="not_online"),
        *_log(9, status=10, fee_due=0.0),
        *_log(1, status=10, paid="national_portal"),
    ]
    assert _counted(rows, "payment_a", "payment_b", "payment_c") == {
        "payment_a": (1, 4, 1),
        "payment_b": (2, 4, 1),
        "payment_c": (70_000, 200_000, 1),
    }


def test_digitised_counts_components_results_or_what_is_used_again():
    rows = [
        {
            "status": 10, "components": 5, "components_digitised": 4, "components_reused": 1,
            "result_digitised": 1,
        },
        {"status": 4, "components": 3, "components_digitised": 0, "components_reused": 2},
        {"status": 10, "components": 2, "result_digitised": 0},
        {"status": 10, "components": 0, "components_digitised": 0, "components_reused": 0},
    ]  # fmt: skip
    assert _counted(rows, "digitised_a", "digitised_b", "digitised_c") == {
        "digitised_a": (4, 8, 1),
        "digitised_b": (1, 2, 1),
        "digitised_c": (3, 8, 1),
    }


def test_a_log_without_rows_counts_nothing_and_is_not_missing():
    assert _counted([], *ways.VARIANTS) == dict.fromkeys(ways.VARIANTS, (0, 0, 0))


@pytest.mark.parametrize("variant", ["online_a", "online_b", "online_c", "online_d"])
def test_without_a_column_of_channels_every_online_rate_is_refused(variant):
    rows = [{**row, "channel": None} for row in FILED]
    one = ways.definition(f"{variant}_received")
    known = fetched(ways.counted(sent(dossiers(rows)), [one.id])).iloc[0].to_dict()
    with pytest.raises(InputError) as caught:
        ways.refuse_absent(one, known)
    for language, word in (("vi", "hình thức nộp"), ("en", "channel")):
        assert one.id in caught.value.sentence(language)
        assert word in caught.value.sentence(language)
    ways.refuse_absent(one, known | {"channel__known": 1})


def test_without_a_column_of_filers_the_remote_rate_is_refused_though_counters_are_known():
    rows = [{**row, "filer": None} for row in FILED]
    one = ways.definition("online_d_received")
    known = fetched(ways.counted(sent(dossiers(rows)), [one.id])).iloc[0].to_dict()
    assert known["online_d_received__whole"] > 0
    with pytest.raises(InputError, match="who filed"):
        ways.refuse_absent(one, known)


def test_the_catalogue_words_every_definition_of_a_log_under_its_indicator(indicators):
    worded = {
        (name, indicator, definition.period)
        for indicator, found in indicators.items()
        for name, definition in found.definitions.items()
        if definition.period
    }
    coded = {
        (name, ways.definition(name).variant.indicator, ways.definition(name).basis)
        for name in ways.all_ids()
    }
    assert worded == coded
    assert len(coded) == 36


def test_the_catalogue_says_whether_assisted_filing_is_counted(indicators):
    definitions = indicators["online_share"].definitions
    told = {name: definitions[f"{name}_received"].assisted for name in ONLINE}
    assert told == dict.fromkeys(ONLINE[:3], "counted") | {"online_d": "left_out"}


@pytest.mark.parametrize("name", ["online_e_received", "online_a", "online_a_monthly", ""])
def test_an_unknown_definition_is_refused_with_those_there_are(name):
    with pytest.raises(ParameterError) as caught:
        ways.definition(name)
    assert "online_a_received" in caught.value.sentence("en")


def test_a_cumulative_definition_is_not_counted_from_a_log():
    assert ways.definition("online_a_cumulative").basis == "cumulative"
    with pytest.raises(ParameterError, match="cumulative reports"):
        ways.from_log(["online_a_received", "online_a_cumulative"])


def test_every_column_that_a_definition_needs_has_a_word_for_officials():
    needed = {name for one in ways.all_ids() for name in ways.definition(one).variant.columns}
    assert {"channel", "fee_due", "components"} <= needed
    for name in needed:
        assert catalogue.text(f"ingest.fact.{name}", "vi") != name
