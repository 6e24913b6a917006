"""Colours that stand beside each other in a chart look different to people who see red or green weakly.

The simulation is that of Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB; differences are CIE 1976.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from journeys.report import palette
from journeys.report.charts import graph

MATRICES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE_POINT = np.array([0.95047, 1.0, 1.08883])
# A difference of 2.3 is just seen side by side; across a chart it takes several times that.
SMALLEST = 11.0
WHITE = "#ffffff"


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def seen(colour: str, matrix: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of a colour as it is seen."""
    xyz = TO_XYZ @ np.clip(matrix @ linear(colour), 0, 1) / WHITE_POINT
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    lights = sorted(float(linear(colour) @ np.array([0.2126, 0.7152, 0.0722])) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("sight", MATRICES)
def test_no_two_fills_of_a_chart_look_alike(sight: str) -> None:
    fills = {*palette._PALETTE, palette.MUTED, palette.LIGHT_GREY, palette.NO_STAGE, WHITE}
    assert len(fills) == len(palette._PALETTE) + 4
    for one, other in itertools.combinations(sorted(fills), 2):
        difference = np.linalg.norm(seen(one, MATRICES[sight]) - seen(other, MATRICES[sight]))
        assert difference >= SMALLEST, (one, other)


@pytest.mark.parametrize("sight", MATRICES)
def test_arrows_forward_and_back_look_different(sight: str) -> None:
    matrix = MATRICES[sight]
    assert np.linalg.norm(seen(graph._BACK, matrix) - seen(palette.MUTED, matrix)) >= 3 * SMALLEST


def test_the_check_sees_what_red_green_blindness_takes_away() -> None:
    red, green = "#c04000", "#6a8000"
    assert np.linalg.norm(seen(red, np.eye(3)) - seen(green, np.eye(3))) > 60
    assert np.linalg.norm(seen(red, MATRICES["protanopia"]) - seen(green, MATRICES["protanopia"])) < 30
    # White is the reference of the colour space: lightness 100, no hue.
    assert seen(WHITE, np.eye(3)) == pytest.approx([100, 0, 0], abs=0.1)


def test_words_stand_out_from_the_page() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    for colour in (palette.INK, palette.MUTED):
        assert contrast(colour, WHITE) >= 4.5
