"""A clustered discrete-time hazard, against statsmodels on the single rows, and where nothing can be told."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from journeys.insights.statistics.hazard import HazardRows, estimate_effect, find_informative


def draw(seed: int, rows: int = 2000, effect: float = 0.8) -> tuple[HazardRows, np.ndarray]:
    """Rows of 300 persons with two covariates and a frailty of each person."""
    source = np.random.default_rng(seed)
    person = source.integers(0, 300, rows)
    first, second = source.integers(0, 4, rows), source.integers(0, 3, rows)
    exposed = source.random(rows) < 0.2 + 0.1 * first
    log_odds = -2 + effect * exposed + 0.4 * first - 0.3 * second + source.normal(0, 0.5, 300)[person]
    happened = source.random(rows) < 1 / (1 + np.exp(-log_odds))
    return HazardRows(person, happened, [first, second]), exposed


def fit_singly(rows: HazardRows, exposed: np.ndarray):
    design = [np.ones(len(exposed)), exposed]
    for codes in rows.covariates:
        design += [codes == level for level in np.unique(codes)[1:]]
    model = sm.GLM(rows.happened.astype(float), np.column_stack(design).astype(float), family=sm.families.Binomial())
    return model, model.fit(cov_type="cluster", cov_kwds={"groups": rows.cluster}, tol=1e-14, maxiter=200)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_equals_statsmodels_on_the_single_rows(seed: int) -> None:
    rows, exposed = draw(seed)
    model, fitted = fit_singly(rows, exposed)
    found = estimate_effect(rows, exposed)
    assert found.odds_ratio == pytest.approx(np.exp(fitted.params[1]), rel=1e-9)
    assert (found.odds_ratio_low, found.odds_ratio_high) == pytest.approx(np.exp(fitted.conf_int()[1]), rel=1e-9)
    assert found.p_value == pytest.approx(fitted.pvalues[1], rel=1e-7, abs=1e-15)
    assert not found.is_penalised
    assert found.pattern_count <= 2 * 4 * 3
    # g-computation: everybody exposed, nobody exposed, the mean difference of what the model says.
    design = model.exog.copy()
    chances = []
    for value in (1.0, 0.0):
        design[:, 1] = value
        chances.append(fitted.predict(design).mean())
    assert found.difference == pytest.approx(chances[0] - chances[1], abs=1e-9)
    assert found.difference_low < found.difference < found.difference_high


def test_rows_in_any_order_and_codes_of_any_name_give_the_same() -> None:
    rows, exposed = draw(4)
    order = np.random.default_rng(0).permutation(len(exposed))
    renamed = HazardRows(rows.cluster[order], rows.happened[order], [7 - codes[order] for codes in rows.covariates])
    first, second = estimate_effect(rows, exposed), estimate_effect(renamed, exposed[order])
    assert first.odds_ratio == pytest.approx(second.odds_ratio, rel=1e-9)
    assert first.p_value == pytest.approx(second.p_value, rel=1e-6)


def test_levels_where_it_never_happens_say_nothing_about_exposure() -> None:
    rows, exposed = draw(5)
    more = 500
    padded = HazardRows(
        np.concatenate([rows.cluster, np.arange(more) % 300]),
        np.concatenate([rows.happened, np.zeros(more, dtype=bool)]),
        [
            np.concatenate([rows.covariates[0], np.full(more, 9)]),
            np.concatenate([rows.covariates[1], np.zeros(more, dtype=int)]),
        ],
    )
    seen = np.concatenate([exposed, np.arange(more) % 2 == 0])
    assert find_informative(padded).sum() == len(exposed)
    whole, part = estimate_effect(padded, seen), estimate_effect(rows, exposed)
    assert whole.odds_ratio == pytest.approx(part.odds_ratio, rel=1e-9)
    # But they are periods in which nothing would have changed.
    assert whole.difference == pytest.approx(part.difference * len(exposed) / len(seen), rel=1e-9)


def test_a_separated_exposure_is_penalised_and_said_so() -> None:
    rows, exposed = draw(6)
    happened = rows.happened & ~exposed
    found = estimate_effect(HazardRows(rows.cluster, happened, rows.covariates), exposed)
    assert found.is_penalised
    assert 0 < found.odds_ratio < 0.1
    assert found.odds_ratio_low > 0
    assert found.p_value < 0.05


def test_the_penalty_is_firths() -> None:
    # One table, no covariates: Firth adds half to each cell. 0 of 10 against 6 of 12.
    exposed = np.array([True] * 10 + [False] * 12)
    happened = np.array([False] * 10 + [True] * 6 + [False] * 6)
    found = estimate_effect(HazardRows(np.arange(22), happened, []), exposed)
    assert found.is_penalised
    assert found.odds_ratio == pytest.approx((0.5 / 10.5) / (6.5 / 6.5), rel=1e-6)


@pytest.mark.parametrize("case", ["all exposed", "none exposed", "never", "always", "told by a covariate", "no rows"])
def test_what_the_rows_cannot_tell_is_missing(case: str) -> None:
    rows, exposed = draw(7, rows=200)
    happened, covariates = rows.happened, list(rows.covariates)
    if case == "no rows":
        nothing = np.array([], dtype=int)
        rows, exposed = HazardRows(nothing, nothing.astype(bool), [nothing]), nothing.astype(bool)
        assert np.isnan(estimate_effect(rows, exposed).odds_ratio)
        return
    exposed = {"all exposed": np.ones(200, bool), "none exposed": np.zeros(200, bool)}.get(case, exposed)
    happened = {"never": np.zeros(200, bool), "always": np.ones(200, bool)}.get(case, happened)
    if case == "told by a covariate":
        covariates.append(exposed.astype(int))
    found = estimate_effect(HazardRows(rows.cluster, happened, covariates), exposed)
    assert np.isnan([found.odds_ratio, found.p_value, found.difference]).all()


def test_covariates_that_tell_each_other_do_no_harm() -> None:
    rows, exposed = draw(8)
    twice = HazardRows(rows.cluster, rows.happened, [*rows.covariates, rows.covariates[0] // 2])
    assert estimate_effect(twice, exposed).odds_ratio == pytest.approx(estimate_effect(rows, exposed).odds_ratio)


def test_a_known_effect_is_found() -> None:
    # The frailty draws a marginal odds ratio a little toward 1.
    found = estimate_effect(*draw(9, rows=60_000, effect=0.7))
    assert found.odds_ratio_low < np.exp(0.7) < found.odds_ratio_high * 1.1
    assert found.odds_ratio_low > 1.6
