from __future__ import annotations

import hmac

import pytest

from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.pseudonyms import accounts, filers

KEY = bytes(range(32))


def _table(*rows):
    return RawTable(
        file="a.csv", sheet="", header=["a", "b"], rows=rows, numbers=range(2, 2 + len(rows))
    )


def _accounts(*cells, key=KEY, phone=True):
    return accounts(_table(*([cell] for cell in cells)), 0, key=key, phone=phone).to_pylist()


def test_an_account_is_the_start_of_its_keyed_hash():
    expected = hmac.new(KEY, b"0912345678", "sha256").hexdigest()[:16]
    assert _accounts("0912345678") == [expected]
    assert _accounts("0912345678", key=KEY[::-1]) != [expected]


@pytest.mark.parametrize(
    "written", ["0912 345 678", "+84912345678", "84912345678", 912345678.0, "0912.345.678"]
)
def test_one_telephone_has_one_hash_however_it_is_written(written):
    assert _accounts(written) == _accounts("0912345678")


@pytest.mark.parametrize("written", [None, "", "-", "000000000", "0", "không có", "0912/0987"])
def test_what_is_no_telephone_says_nothing(written):
    assert _accounts(written) == [None]


def test_addresses_and_identity_numbers_are_accounts_too():
    assert len(set(_accounts("A@b.vn", "a@B.vn ", phone=False))) == 1
    assert len(set(_accounts("079 185 001 234", "079185001234", phone=False))) == 1
    assert _accounts("-", "000", None, phone=False) == [None, None, None]


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="fewer bytes"):
        _accounts("0912345678", key=b"short")


@pytest.mark.parametrize(
    ("owner", "filer", "who"),
    [
        ("Nguyễn Văn A", "nguyễn văn a", "owner"),
        ("Nguyễn Văn Hoà", "Ông Nguyễn Văn Hòa", "owner"),
        ("Nguyễn Văn A", "NGUYỄN\u00a0VĂN A", "owner"),
        ("Nguyễn Văn A", "Nguyễn Văn B", "somebody_else"),
        ("Nguyễn Văn A", "Nguyên Văn A", "somebody_else"),
        ("Nguyễn Văn A", None, None),
        ("-", "Nguyễn Văn A", None),
    ],
)
def test_who_filed_follows_from_the_two_names(owner, filer, who):
    assert filers(_table([owner, filer], ["Lê Thị C", "Lê Thị C"]), 0, 1).to_pylist() == [
        who,
        "owner",
    ]
