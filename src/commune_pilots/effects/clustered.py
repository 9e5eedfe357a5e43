"""Standard errors for units whose months are not independent: CR1 and CR2, with Satterthwaite.

Clusters with one and the same design are told once, with their number: a balanced panel has as many
designs as cohorts, so what is costly is done per cohort and not per unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from commune_pilots.effects.trend import Floats, Ints

Kind = Literal["CR1", "CR2"]
TINY = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """`count` clusters of one design (rows x columns) and the sum of e e' of their residuals."""

    design: Floats
    count: int
    scatter: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Robust:
    """Covariance of q contrasts of coefficients (q x q) and degrees of freedom of each (q)."""

    covariance: Floats
    df: Floats


def clusters_of(design: Floats, residuals: Floats, labels: Ints) -> list[Alike]:
    """Tell every cluster of a regression apart, for designs that have no two alike.

    `labels` number the cluster of each row. Fixed effects that are nested in clusters may be swept
    out of design and outcome before; coefficients of everything else must be in the design.
    """
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    parts = np.split(order, starts[1:])
    return [
        Alike(design=design[one], count=1, scatter=np.outer(residuals[one], residuals[one]))
        for one in parts
    ]


def robust(clusters: Sequence[Alike], *, contrasts: Floats, kind: Kind, swept: int = 0) -> Robust:
    """Estimate the covariance of contrasts of least-squares coefficients, clusters independent.

    CR1: the sandwich times G/(G - 1) times (n - 1)/(n - k), k the columns of the design and `swept`
    more, with G - 1 degrees of freedom (Liang & Zeger 1986). Of unit effects that are swept out
    Stata and fixest count the constant and no other: `swept` is 1. CR2: residuals of each cluster
    are multiplied by the symmetric root of the pseudo-inverse of I - H, unbiased if errors were
    independent of one variance; degrees of freedom by Satterthwaite under that same working model,
    told for each contrast (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, doi
    10.1080/07350015.2016.1247004). Unit effects swept out leave CR2 as it is (their theorem 2).
    Raises ValueError where columns depend on each other or there is one cluster only.
    """
    number = sum(one.count for one in clusters)
    rows = sum(one.count * len(one.design) for one in clusters)
    columns = clusters[0].design.shape[1]
    bread = sum((one.count * one.design.T @ one.design for one in clusters), np.zeros(()))
    if number < 2 or np.linalg.matrix_rank(bread, hermitian=True) < columns:
        raise ValueError("standard errors need two clusters and columns that are independent")
    inverse = np.asarray(np.linalg.inv(bread), dtype=np.float64)
    aims = contrasts @ inverse
    if kind == "CR1":
        scale = number / (number - 1) * (rows - 1) / (rows - columns - swept)
        sides = [one.design @ aims.T for one in clusters]
        meat = sum((a.T @ one.scatter @ a for a, one in zip(sides, clusters, strict=True)), 0.0)
        return Robust(covariance=scale * np.asarray(meat), df=np.full(len(aims), number - 1.0))
    sides = [_root(one.design, inverse) @ (one.design @ aims.T) for one in clusters]
    meat = sum((a.T @ one.scatter @ a for a, one in zip(sides, clusters, strict=True)), 0.0)
    return Robust(covariance=np.asarray(meat), df=_satterthwaite(clusters, sides, inverse))


def _root(design: Floats, inverse: Floats) -> Floats:
    """Take the symmetric root of the pseudo-inverse of I - H of one cluster."""
    values, vectors = np.linalg.eigh(np.eye(len(design)) - design @ inverse @ design.T)
    kept = values > TINY
    roots = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    return np.asarray((vectors * roots) @ vectors.T)


def _satterthwaite(clusters: Sequence[Alike], sides: list[Floats], inverse: Floats) -> Floats:
    """Count degrees of freedom: (tr P)^2 / tr(P^2), P_gh = p_g' (I - H)_gh p_h over clusters.

    With u_g = X_g'p_g and d_g = p_g'p_g, P = diag(d) - U (X'X)^-1 U'; its squares sum without P
    being laid out, whatever the number of clusters.
    """
    counts = np.array([one.count for one in clusters], dtype=float)
    own = np.array([(p**2).sum(axis=0) for p in sides])
    turned = np.array([one.design.T @ p for one, p in zip(clusters, sides, strict=True)])
    found = []
    for at in range(own.shape[1]):
        u, d = turned[:, :, at], own[:, at]
        half = u @ inverse
        shared = (half * u).sum(axis=1)
        if len(u) <= len(inverse):
            squared = counts @ (half @ u.T) ** 2 @ counts
        else:
            whole = (half.T * counts) @ u
            squared = (whole * whole.T).sum()
        squared += counts @ ((d - shared) ** 2 - shared**2)
        found.append((counts @ (d - shared)) ** 2 / squared)
    return np.array(found)
