from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from commune_pilots.scaling.information import (
    Stakes,
    evpi,
    evsi_months,
    evsi_pilots,
    forgone,
    unit_normal_loss,
)

STAKES = Stakes(mean=10.0, std_error=8.0, value=1_000.0, cost=8_000.0, communes=50)
SPREADS = {"effect_sd": 8.0, "noise_sd": 2.0}


@pytest.mark.parametrize("distance", [0.0, 0.5, 1.7, 4.0])
def test_the_loss_is_the_mean_excess_of_a_normal(distance):
    excess, _ = quad(lambda z: (z - distance) * norm.pdf(z), distance, np.inf)
    assert unit_normal_loss(distance) == pytest.approx(excess, rel=1e-6)
    assert unit_normal_loss(-distance) == unit_normal_loss(distance)


def test_perfect_information_is_worth_what_wrong_decisions_cost_on_average():
    # Regret of the better blind choice (all start, as 10 points are worth more than they cost).
    def regret(gain):
        return max(0.0, 8_000 - 1_000 * gain) * norm.pdf(gain, 10, 8)

    expected, _ = quad(regret, -60, 8)
    assert evpi(STAKES) == pytest.approx(50 * expected, rel=1e-6)


def test_knowing_more_is_worth_most_where_the_decision_is_closest():
    found = [evpi(replace(STAKES, mean=mean)) for mean in (8.0, 10.0, 15.0, 40.0)]
    assert found == sorted(found, reverse=True)
    assert evpi(replace(STAKES, mean=6.0)) == pytest.approx(evpi(STAKES))


def test_nothing_is_left_to_learn_where_the_mean_is_known():
    known = replace(STAKES, std_error=0.0)
    assert evpi(known) == 0
    assert evsi_pilots(known, pilots=4, **SPREADS) == 0
    assert evsi_months(known, months=1, pilots=4, **SPREADS) == 0


def test_worth_grows_with_the_communes_decided_together():
    assert evpi(replace(STAKES, communes=100)) == pytest.approx(2 * evpi(STAKES))
    assert evpi(replace(STAKES, communes=0)) == 0


@given(
    pilots=st.integers(1, 60),
    effect_sd=st.floats(0, 30),
    noise_sd=st.floats(0, 30),
    mean=st.floats(-20, 40),
    std_error=st.floats(0.1, 20),
)
def test_a_sample_is_never_worth_more_than_perfect_information(
    pilots, effect_sd, noise_sd, mean, std_error
):
    stakes = replace(STAKES, mean=mean, std_error=std_error)
    spreads = {"effect_sd": effect_sd, "noise_sd": noise_sd}
    most = evpi(stakes) * (1 + 1e-9) + 1e-9
    assert 0 <= evsi_pilots(stakes, pilots=pilots, **spreads) <= most
    assert 0 <= evsi_months(stakes, months=3, pilots=pilots, **spreads) <= most


def test_more_pilots_tell_more_and_endlessly_many_tell_all():
    found = [evsi_pilots(STAKES, pilots=pilots, **SPREADS) for pilots in (0, 1, 4, 16)]
    assert found == sorted(found)
    assert found[0] == 0
    assert evsi_pilots(STAKES, pilots=10**9, **SPREADS) == pytest.approx(evpi(STAKES))


def test_more_months_tell_more_but_not_what_other_communes_would_do():
    found = [evsi_months(STAKES, months=m, pilots=4, **SPREADS) for m in (0, 1, 3, 12)]
    assert found == sorted(found)
    assert found[0] == 0
    endless = evsi_months(STAKES, months=10**9, pilots=4, **SPREADS)
    left = np.sqrt(8**2 - 8**2 / 4)
    assert endless == pytest.approx(evpi(replace(STAKES, std_error=left)))
    assert endless < evpi(STAKES)


def test_months_tell_nothing_where_all_doubt_is_about_other_communes():
    spreads = {"effect_sd": 16.0, "noise_sd": 2.0}
    assert evsi_months(STAKES, months=12, pilots=4, **spreads) == 0
    assert evsi_pilots(STAKES, pilots=4, **spreads) > 0


def test_waiting_forgoes_the_net_benefit_of_its_months():
    assert forgone(STAKES, months=1) == pytest.approx(50 * 2_000 / 12)
    assert forgone(STAKES, months=6) == pytest.approx(6 * forgone(STAKES, months=1))
    assert forgone(replace(STAKES, mean=8.0), months=6) == 0
    assert forgone(replace(STAKES, mean=-5.0), months=6) == 0


@pytest.mark.parametrize(
    "changes", [{"std_error": -1.0}, {"value": 0.0}, {"cost": -1.0}, {"communes": -1}]
)
def test_stakes_that_cannot_be_are_refused(changes):
    with pytest.raises(ValueError, match="give a value above 0"):
        replace(STAKES, **changes)


@pytest.mark.parametrize("changes", [{"pilots": -1}, {"effect_sd": -1.0}, {"noise_sd": -1.0}])
def test_a_sample_that_cannot_be_is_refused(changes):
    given_values = {"pilots": 4, **SPREADS, **changes}
    with pytest.raises(ValueError, match="give 0 or more"):
        evsi_pilots(STAKES, **given_values)
    with pytest.raises(ValueError, match="give 0 or more"):
        evsi_months(STAKES, months=1, **given_values)


@pytest.mark.parametrize("changes", [{"months": -1}, {"pilots": 0}])
def test_months_of_no_pilot_are_refused(changes):
    with pytest.raises(ValueError, match="give 0 or more, at least 1"):
        evsi_months(STAKES, **{"months": 1, "pilots": 4, **SPREADS, **changes})
