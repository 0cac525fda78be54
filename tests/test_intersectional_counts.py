"""MAIHDA of shares and rates: the marginal likelihood against the integral, its derivatives, two optimisers."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize
from scipy.special import expit
from scipy.stats import binom, norm, poisson

import hyteanalysis as hyte
from hyteanalysis.intersectional import likelihoods

DIMENSIONS = ["sex", "education", "language"]


def brute(model, beta, sigma):
    """The marginal log-likelihood by adaptive integration, stratum by stratum."""
    total = 0.0
    for y, n, row in zip(model.events, model.size, model.x, strict=True):
        base = float(row @ beta)

        def inside(u, y=y, n=n, base=base):
            rate = expit(base + u) if model.kind == "binary" else np.exp(base + u)
            own = binom.logpmf(y, n, rate) if model.kind == "binary" else poisson.logpmf(y, n * rate)
            return np.exp(own + norm.logpdf(u, scale=sigma))

        total += np.log(integrate.quad(inside, -6 * sigma, 6 * sigma, epsabs=0, epsrel=1e-8, limit=60)[0])
    return total


class TestCounts:
    def model(self, kind):
        rng = np.random.default_rng(7)
        size = np.array([8.0, 15, 30, 60, 100, 25, 40, 3])
        x = np.column_stack([np.ones(8), np.arange(8) % 2])
        rate = expit(-1 + 0.5 * x[:, 1] + rng.normal(0, 0.7, 8))
        events = rng.binomial(size.astype(int), rate) if kind == "binary" else rng.poisson(size * rate)
        return likelihoods.CountModel(events.astype(float), size, x, kind)

    @pytest.mark.parametrize("kind", ["binary", "rate"])
    def test_the_likelihood_is_the_integral(self, kind):
        model = self.model(kind)
        points = [(np.array([-1.0, 0.3]), 0.6), (np.array([-0.5, 0.1]), 1.2), (np.array([-1.2, 0.6]), 0.2)]
        ours = [model.moments(beta, sigma)[0] for beta, sigma in points]
        theirs = [brute(model, beta, sigma) for beta, sigma in points]
        np.testing.assert_allclose(np.diff(ours), np.diff(theirs), atol=1e-5)

    @pytest.mark.parametrize("kind", ["binary", "rate"])
    def test_gradient_and_hessian_are_derivatives(self, kind):
        model = self.model(kind)
        theta = np.array([-0.9, 0.4, 0.7])
        _, gradient, hessian, _ = model.moments(theta[:2], theta[2])
        step = 1e-5 * np.eye(3)
        sides = [[model.moments(*np.split(theta + sign * row, [2])) for sign in (1, -1)] for row in step]
        numeric = [(up[0] - down[0]) / 2e-5 for up, down in sides]
        np.testing.assert_allclose(gradient, np.ravel(numeric), rtol=1e-5, atol=1e-6)
        curved = [(up[1] - down[1]) / 2e-5 for up, down in sides]
        np.testing.assert_allclose(hessian, np.squeeze(curved), rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize("kind", ["binary", "rate"])
    def test_the_optimum_is_one_for_another_optimiser(self, kind):
        model = self.model(kind)
        sigma, beta, best = likelihoods.fit_counts(model)
        found = optimize.minimize(
            lambda t: -model.moments(t[:2], abs(t[2]))[0], [-0.5, 0.0, 0.3], method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 3000},
        )  # fmt: skip
        assert best == pytest.approx(-found.fun, abs=1e-6)
        np.testing.assert_allclose([*beta, sigma], [*found.x[:2], abs(found.x[2])], atol=1e-3)

    def test_strata_alike_have_no_variance_between(self):
        rows = [(a, b, 1 if i < 20 else 0) for a in "wxyz" for b in "pqrs" for i in range(100)]
        found = hyte.maihda(pd.DataFrame(rows, columns=["a", "b", "y"]), outcome="y", strata=["a", "b"])
        assert found.vpc == 0
        assert np.isnan(found.pcv)
        assert found.models["vpc_lower"].iloc[0] == 0 < found.models["vpc_upper"].iloc[0]
        np.testing.assert_allclose(found.frame["predicted"], 0.2, atol=1e-9)
        assert "do not vary beyond chance" in found.sentence("en")

    def test_a_rate_is_that_of_its_cells(self):
        rng = np.random.default_rng(8)
        cells = pd.MultiIndex.from_product([["a", "b", "c", "d"], ["p", "q", "r"]], names=["one", "two"])
        cells = cells.to_frame(index=False)
        cells["years"] = rng.integers(500, 5000, len(cells)).astype(float)
        cells["deaths"] = rng.poisson(cells["years"] * np.exp(rng.normal(-4, 0.4, len(cells))))
        found = hyte.maihda(cells, outcome="deaths", strata=["one", "two"], exposure="years")
        assert found.kind == "rate"
        variance, mean = found.models["variance"].iloc[0], cells["deaths"].sum() / cells["years"].sum()
        grown = mean * np.expm1(variance)
        assert found.vpc == pytest.approx(grown / (grown + 1))
