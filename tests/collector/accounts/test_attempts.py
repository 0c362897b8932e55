"""How often a name may be tried."""

from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.accounts.attempts import MOST_KEYS, WITHIN_S, Attempts


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_failures_are_forgiven_after_their_time() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(3):
        attempts.failed("li")
    assert not attempts.is_allowed("li", 3)
    assert attempts.is_allowed("li", 4)
    assert attempts.is_allowed("wang", 3)
    clock.now_s = WITHIN_S
    assert attempts.is_allowed("li", 1)


def test_success_forgives_at_once() -> None:
    attempts = Attempts(Clock())
    attempts.failed("li")
    attempts.succeeded("li")
    assert attempts.is_allowed("li", 1)


def test_memory_is_bounded_and_the_oldest_names_go_first() -> None:
    attempts = Attempts(Clock())
    for number in range(MOST_KEYS + 1):
        attempts.failed(str(number))
    assert attempts.is_allowed("0", 1)
    assert not attempts.is_allowed("1", 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 600)), max_size=40))
def test_it_counts_exactly_the_failures_within_the_time(steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    attempts, failures = Attempts(clock), []
    for key, wait_s in steps:
        clock.now_s += wait_s
        attempts.failed(key)
        failures.append((key, clock.now_s))
        for name in "ab":
            recent = sum(k == name and t > clock.now_s - WITHIN_S for k, t in failures)
            assert attempts.is_allowed(name, recent + 1)
            assert not attempts.is_allowed(name, recent)
