"""Where a limit or a solver ends the search early, a release is safe all the same: heavier perhaps, or refused."""

import numpy as np
import pandas as pd
import pytest
from small_world import K5, counts, hidden
from worlds import unsafe, world

import hyteanalysis as hyte
from hyteanalysis.disclosure import attack, program, protection, suppression
from hyteanalysis.disclosure.attack import attacked
from hyteanalysis.errors import DisclosureError

CELLS, HIERARCHY = world(3, areas=3, nested=False, parts=("language",))


def released(monkeypatch, module=None, **limits):
    """What ``cheapest`` answered, and the weight that is hidden, after an outsider found nothing unsafe."""
    answers, exact = [], suppression._cheapest

    def cheapest(system):
        answers.append(exact(system))
        return answers[-1]

    monkeypatch.setattr(suppression, "_cheapest", cheapest)
    for name, value in limits.items():
        monkeypatch.setattr(module, name, value)
    made = hyte.release(CELLS, policy=K5, hierarchy=HIERARCHY)
    assert unsafe(CELLS, made, HIERARCHY).empty
    assert made.audit["unsafe"] == 0
    assert len(answers) == 1
    return answers[0], float((CELLS["events"] + 1)[hidden(made).to_numpy()].sum())


@pytest.fixture(scope="module")
def lightest():
    with pytest.MonkeyPatch.context() as patch:
        return released(patch)[1]


def test_no_rounds_of_shares_cost_nothing(monkeypatch, lightest):
    found, weight = released(monkeypatch, suppression, RELAXED=0)
    assert found is not None
    assert weight == lightest


@pytest.mark.parametrize("limits", [{"WHOLE": 1}, {"NODES": 0}, {"SMALL": 5}], ids=str)
def test_an_optimum_that_is_not_proven_is_not_taken(monkeypatch, lightest, limits):
    found, weight = released(monkeypatch, suppression, **limits)
    assert found is None
    assert lightest <= weight <= 1.2 * lightest


def test_an_attacker_that_has_no_answer_leaves_it_to_the_witnesses(monkeypatch, lightest):
    def hopeless(*_):
        raise suppression._Hopeless

    found, weight = released(monkeypatch, suppression._Attacker, cuts=hopeless)
    assert found is None
    assert lightest <= weight <= 1.2 * lightest


@pytest.mark.parametrize("limits", [{"QUESTIONS": 0}, {"SLOPES": 1}], ids=str)
def test_a_shorter_search_of_witnesses_hides_more_at_most(monkeypatch, lightest, limits):
    monkeypatch.setattr(suppression, "SMALL", 0)
    assert released(monkeypatch, suppression, **limits)[1] >= lightest


def test_a_cheaper_table_that_is_not_found_leaves_the_first(monkeypatch):
    """The second question of a search has no answer: the first one's table stands, and prices are as before."""
    made = system_of(CELLS)
    row = int(made.targets["row"].iloc[0])
    monkeypatch.setattr(suppression, "SLOPES", 0)
    plain = suppression.Witnesses(made).find(row, 5.0, 1)
    monkeypatch.setattr(suppression, "SLOPES", 4)
    search, first = suppression.Witnesses(made), iter([True])
    with monkeypatch.context() as patch:
        patch.setattr(suppression, "solved", lambda solver: program.solved(solver) if next(first, False) else None)
        rows, price = search.find(row, 5.0, 1)
    assert price == plain[1] > 0
    assert set(rows) == set(plain[0])
    assert search.find(row, 5.0, 1)[1] == suppression.Witnesses(made).find(row, 5.0, 1)[1]


def system_of(cells):
    """The system that a release of cells is made of."""
    caught = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protection, "suppress", lambda system, **_: caught.append(system) or suppression.suppress(system))
        patch.setattr(suppression, "suppress", lambda system, **_: attacked(system).assign(safe=True))
        patch.setattr(protection, "_check_seen", lambda found: None)
        hyte.release(cells, policy=K5, hierarchy=HIERARCHY)
    return caught[0]


def test_without_rounds_to_go_a_release_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(suppression, "_ROUNDS", 0)
    frame = counts([("a", "total", "total", 3), ("b", "total", "total", 9), ("R", "total", "total", 12)])
    with pytest.raises(DisclosureError, match="cannot be protected: n / a / total / total"):
        hyte.release(frame, policy=K5, hierarchy=pd.DataFrame({"area": ["a", "b"], "parent": "R"}))


def test_what_fails_its_own_audit_is_never_released(monkeypatch):
    monkeypatch.setattr(protection, "suppress", lambda system, **_: attacked(system))  # hides nothing more
    frame = counts([("a", "total", "total", 3), ("b", "total", "total", 9), ("R", "total", "total", 12)])
    with pytest.raises(DisclosureError, match="the audit failed: n / a / 2024 / total / total"):
        hyte.release(frame, policy=K5, hierarchy=pd.DataFrame({"area": ["a", "b"], "parent": "R"}))


class Interrupted:
    """A solver whose first run ends before it begins, as a warm start that fails numerically does."""

    def __init__(self, solver):
        self.solver, self.runs = solver, 0

    def __getattr__(self, name):
        return getattr(self.solver, name)

    def run(self):
        self.runs += 1
        self.solver.setOptionValue("simplex_iteration_limit", 0 if self.runs == 1 else 1_000)
        self.solver.run()


def test_a_failed_start_is_begun_anew():
    from scipy import sparse

    matrix = sparse.csr_array(np.array([[1.0, 1.0], [1.0, 2.0]]))
    made = program.model(matrix, np.array([2.0, 3.0]), np.full(2, np.inf), np.full(2, 9.0), cost=np.array([2.0, 3.0]))
    solver = Interrupted(made)
    assert program.solved(solver) == pytest.approx([1, 1])
    assert solver.runs == 2


def test_without_a_reason_contradicting_margins_are_refused_all_the_same(monkeypatch):
    frame = counts([("a", "total", "total", 30), ("b", "total", "total", 90), ("R", "total", "total", 12)])
    made = system_of(CELLS)
    monkeypatch.setattr(attack, "solved", lambda solver: None)
    said = attack.contradiction(made, np.arange(3))
    assert said.startswith("margins do not add up. Correct the counts, or add a group")
    monkeypatch.undo()
    with pytest.raises(DisclosureError, match=r"n / R / total / total is 12, its parts add up to 120 \(diff"):
        hyte.release(frame, policy=K5, hierarchy=pd.DataFrame({"area": ["a", "b"], "parent": "R"}))
