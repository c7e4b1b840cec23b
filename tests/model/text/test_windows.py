from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.text.windows import cut_windows


@given(tokens=st.integers(0, 2000), starts=st.sets(st.integers(0, 2000)), size=st.integers(1, 300))
def test_windows_tile_the_tokens_and_fit(tokens: int, starts: set[int], size: int) -> None:
    windows = cut_windows(sorted(starts), tokens, size)
    assert [token for window in windows for token in window] == list(range(tokens))
    assert all(0 < len(window) <= size for window in windows)


def test_a_sentence_is_cut_only_when_it_is_longer_than_a_window() -> None:
    starts = [0, 30, 50, 90, 130]
    windows = cut_windows(starts, 160, 60)
    assert all(window.start in starts for window in windows)
    assert cut_windows([0], 10, 4) == [range(0, 4), range(4, 8), range(8, 10)]
