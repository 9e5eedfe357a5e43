"""How far colours stand apart: contrast (WCAG 2), and distance for four kinds of sight.

Sight without one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1. Distance:
CIE 1976, in CIELAB under D65.
"""

from __future__ import annotations

import re

import numpy as np

SIGHTS = {
    "common": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _TO_XYZ @ np.ones(3)


def contrast(one: str, two: str) -> float:
    """Contrast ratio of two colours written as `rgb(r, g, b)` (1 to 21)."""
    darker, lighter = sorted(float(_TO_XYZ[1] @ _linear(colour)) for colour in (one, two))
    return (lighter + 0.05) / (darker + 0.05)


def distance(one: str, two: str, *, sight: str) -> float:
    """Distance of two colours written as `rgb(r, g, b)` for one of SIGHTS (0 to about 100)."""
    return float(np.linalg.norm(_lab(one, sight) - _lab(two, sight)))


def _linear(colour: str) -> np.ndarray:
    found = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour)
    if found is None:
        raise ValueError(colour)
    part = np.array([int(digits) for digits in found.groups()]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lab(colour: str, sight: str) -> np.ndarray:
    seen = np.clip(SIGHTS[sight] @ _linear(colour), 0, 1)
    share = _TO_XYZ @ seen / _WHITE
    root = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
