"""Tables of dossier logs: dossiers without personal data, what was refused, what was read."""

from __future__ import annotations

import pandera.pandas as pa

from commune_pilots.contracts.table import CODE, Count, Date, Number, Table, Text, optional

CHANNELS = ("counter", "online", "post")
SERVICE_LEVELS = ("full_process", "partial", "information")
PAID = ("national_portal", "other_online", "not_online")
FILERS = ("owner", "somebody_else")
# Codes of the national record: 1 newly registered, 3 not accepted, 5 supplement requested,
# 7 withdrawn, 8 stopped, 9 processed, 10 result returned.
NOT_RECEIVED, AWAITING_SUPPLEMENT, GIVEN_UP, DONE = (1, 3), (5,), (7, 8), (9, 10)


class Dossiers(Table):
    """One row: one dossier of a one-stop shop, typed, without a name, number or address.

    What a file does not tell is missing: an absent channel is no counter filing. `account` is a
    keyed hash. `status` is the code of the national record, 1 to 10; times are local; fees are in
    đồng. `result_digitised` is 1 or 0: a flag of the contracts could not be missing.
    """

    dossier: Text
    agency: Text = optional()
    unit: Text = optional(str_matches=CODE)
    procedure: Text = optional()
    channel: Text = optional(isin=CHANNELS)
    level: Text = optional(isin=SERVICE_LEVELS)
    status: Count = optional(ge=1, le=10)
    received: Date = optional()
    due: Date = optional()
    completed: Date = optional()
    returned: Date = optional()
    supplements: Count = optional(ge=0)
    fee_due: Number = optional(ge=0)
    fee_paid: Number = optional(ge=0)
    paid: Text = optional(isin=PAID)
    components: Count = optional(ge=0)
    components_digitised: Count = optional(ge=0)
    components_reused: Count = optional(ge=0)
    result_digitised: Count = optional(ge=0, le=1)
    filer: Text = optional(isin=FILERS)
    account: Text = optional(str_matches=r"^[0-9a-f]{16}\Z")
    file: Text
    sheet: Text = optional()
    row: Count = pa.Field(ge=1)


class Rejected(Table):
    """One row: one rule that one row of a file breaks; the row itself is told by its place."""

    file: Text
    sheet: Text = optional()
    row: Count = optional(ge=1)
    column: Text = optional()
    value: Text = optional()
    rule: Text = pa.Field(str_matches=CODE)
    message_vi: Text
    message_en: Text


class Findings(Table):
    """One row: one thing found in a file and what became of it; rows kept out are in `rejected`."""

    file: Text
    sheet: Text = optional()
    row: Count = optional(ge=1)
    column: Text = optional()
    value: Text = optional()
    rule: Text = pa.Field(str_matches=CODE)
    outcome: Text = pa.Field(isin=("repaired", "flagged", "skipped"))
    message_vi: Text
    message_en: Text


class Ingested(Table):
    """One row: one sheet of one file; read = accepted + rejected + duplicates, exactly."""

    file: Text
    sha256: Text = pa.Field(str_matches=r"^[0-9a-f]{64}\Z")
    sheet: Text = optional()
    read: Count = pa.Field(ge=0)
    accepted: Count = pa.Field(ge=0)
    rejected: Count = pa.Field(ge=0)
    duplicates: Count = pa.Field(ge=0)
