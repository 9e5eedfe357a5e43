from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from commune_pilots.effects.clustered import Alike, clusters_of, robust


def _drawn(rng, sizes, columns=3):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    design = rng.normal(size=(len(labels), columns))
    design[:, 0] = 1.0
    y = rng.normal(size=len(labels)) + rng.normal(size=len(sizes))[labels]
    coefficients = np.linalg.solve(design.T @ design, design.T @ y)
    return design, y - design @ coefficients, labels


def _by_the_book(design, residuals, labels):
    """CR2 and Satterthwaite as defined: whole matrices, no short cut."""
    inverse = np.linalg.inv(design.T @ design)
    maker = np.eye(len(design)) - design @ inverse @ design.T
    variance, df = [], []
    for contrast in np.eye(design.shape[1]):
        weights = []
        for own in np.unique(labels):
            rows = labels == own
            root = linalg.sqrtm(np.linalg.inv(maker[np.ix_(rows, rows)])).real
            weights.append((rows, root @ design[rows] @ inverse @ contrast))
        variance.append(sum((weight @ residuals[rows]) ** 2 for rows, weight in weights))
        inside = np.array([[a @ maker[np.ix_(i, j)] @ b for j, b in weights] for i, a in weights])
        df.append(np.trace(inside) ** 2 / (inside**2).sum())
    return np.array(variance), np.array(df)


@pytest.mark.parametrize("sizes", [(4, 4, 4, 4, 4), (2, 7, 3, 5, 4, 4), (3, 9)])
def test_cr2_is_what_its_definition_says(rng, sizes):
    design, residuals, labels = _drawn(rng, sizes)
    found = robust(clusters_of(design, residuals, labels), contrasts=np.eye(3), kind="CR2")
    variance, df = _by_the_book(design, residuals, labels)
    assert np.diag(found.covariance) == pytest.approx(variance, rel=1e-8)
    assert found.df == pytest.approx(df, rel=1e-8)


def test_clusters_alike_may_be_told_once_with_their_number(rng):
    design = rng.normal(size=(4, 2))
    residuals = rng.normal(size=(9, 4))
    other = Alike(design=rng.normal(size=(3, 2)), count=1, scatter=np.diag([1.0, 2.0, 0.5]))
    apart = [Alike(design=design, count=1, scatter=np.outer(e, e)) for e in residuals]
    once = Alike(design=design, count=9, scatter=residuals.T @ residuals)
    for kind in ("CR1", "CR2"):
        one = robust([*apart, other], contrasts=np.eye(2), kind=kind)
        two = robust([once, other], contrasts=np.eye(2), kind=kind)
        assert one.covariance == pytest.approx(two.covariance, rel=1e-10)
        assert one.df == pytest.approx(two.df, rel=1e-10)


def test_cr1_is_the_sandwich_of_stata(rng):
    design, residuals, labels = _drawn(rng, (5, 6, 7, 8))
    inverse = np.linalg.inv(design.T @ design)
    sums = np.array([design[labels == own].T @ residuals[labels == own] for own in range(4)])
    expected = inverse @ sums.T @ sums @ inverse * 4 / 3 * 25 / 23
    found = robust(clusters_of(design, residuals, labels), contrasts=np.eye(3), kind="CR1")
    assert found.covariance == pytest.approx(expected)
    assert found.df.tolist() == [3.0, 3.0, 3.0]


def test_a_contrast_of_coefficients_has_their_covariance(rng):
    design, residuals, labels = _drawn(rng, (5, 6, 7, 8))
    clusters = clusters_of(design, residuals, labels)
    whole = robust(clusters, contrasts=np.eye(3), kind="CR2").covariance
    contrast = np.array([[0.0, 1.0, -1.0]])
    found = robust(clusters, contrasts=contrast, kind="CR2").covariance
    assert found[0, 0] == pytest.approx(float((contrast @ whole @ contrast.T)[0, 0]))


def test_two_samples_have_the_variance_and_degrees_of_welch_with_equal_spread(rng):
    treated = np.arange(20) < 6
    design = np.column_stack([np.ones(20), treated]).astype(float)
    y = rng.normal(size=20)
    residuals = y - np.where(treated, y[treated].mean(), y[~treated].mean())
    found = robust(
        clusters_of(design, residuals, np.arange(20)), contrasts=np.eye(2)[1:], kind="CR2"
    )
    variance = y[treated].var(ddof=1) / 6 + y[~treated].var(ddof=1) / 14
    assert found.covariance[0, 0] == pytest.approx(variance)
    assert found.df[0] == pytest.approx(20**2 * 5 * 13 / (6**2 * 5 + 14**2 * 13))


def test_clusters_keep_their_rows_whatever_their_order(rng):
    design, residuals, labels = _drawn(rng, (3, 4, 5))
    shuffled = rng.permutation(12)
    one = robust(clusters_of(design, residuals, labels), contrasts=np.eye(3), kind="CR2")
    two = robust(
        clusters_of(design[shuffled], residuals[shuffled], labels[shuffled]),
        contrasts=np.eye(3), kind="CR2",
    )  # fmt: skip
    assert one.covariance == pytest.approx(two.covariance)


def test_columns_that_depend_on_each_other_are_refused(rng):
    design, residuals, labels = _drawn(rng, (5, 5, 5))
    twice = np.column_stack([design, design[:, 1]])
    with pytest.raises(ValueError, match="columns that are independent"):
        robust(clusters_of(twice, residuals, labels), contrasts=np.eye(4), kind="CR2")


def test_one_cluster_is_refused(rng):
    design, residuals, labels = _drawn(rng, (9,))
    with pytest.raises(ValueError, match="two clusters"):
        robust(clusters_of(design, residuals, labels), contrasts=np.eye(3), kind="CR1")
