"""The order in which windows reach the encoder, and what becomes of work that nobody wants any more."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.encoder.encoder import padded
from baozhai_model.errors import ShuttingDown
from baozhai_service.batching.fair_queue import FairQueue
from baozhai_service.batching.jobs import Batch, Job
from baozhai_service.errors import ClientGone


def encode(windows: Sequence[Sequence[int]], *, states: bool = True) -> Any:
    raise AssertionError("nothing is encoded here")


def encode_otherwise(windows: Sequence[Sequence[int]], *, states: bool = True) -> Any:
    raise AssertionError("nothing is encoded here")


def job(*lengths: int, by: Any = encode, states: bool = False) -> Job:
    return Job(by, [[1] * length for length in lengths], states=states)


def drained(queue: FairQueue) -> list[Batch]:
    queue.close()
    batches = []
    while batch := queue.take():
        batches.append(batch)
    return batches


LENGTHS = st.lists(st.lists(st.integers(1, 300), max_size=30), max_size=8)


@given(jobs=LENGTHS, tokens=st.integers(256, 2048))
def test_every_window_is_handed_out_once_within_the_token_budget(jobs: list[list[int]], tokens: int) -> None:
    queue = FairQueue(tokens)
    put = [job(*lengths) for lengths in jobs]
    for each in put:
        queue.put(each)
    batches = drained(queue)
    for batch in batches:
        assert batch.tokens <= tokens or len(batch.places) == 1
        assert {padded(len(place.window)) for place in batch.places} == {batch.length}
    handed = [(id(place.job), place.index) for batch in batches for place in batch.places]
    assert sorted(handed) == sorted((id(each), index) for each in put for index in range(len(each.windows)))


def test_windows_of_several_requests_share_a_batch() -> None:
    queue = FairQueue(1024)
    for _ in range(5):
        queue.put(job(10))
    (batch,) = drained(queue)
    assert len(batch.places) == 5


def test_a_small_request_does_not_wait_for_a_large_one_before_it() -> None:
    queue = FairQueue(512)
    large, small = job(*[64] * 1000), job(64)
    queue.put(large)
    first = queue.take()
    queue.put(small)
    second = queue.take()
    assert first is not None
    assert {place.job for place in first.places} == {large}
    assert second is not None
    assert small in {place.job for place in second.places}


def test_large_requests_take_turns() -> None:
    queue = FairQueue(256)
    one, other = job(*[256] * 50), job(*[256] * 50)
    queue.put(one)
    queue.put(other)
    turns = [batch.places[0].job for batch in drained(queue)]
    for start in range(0, 100, 2):
        assert {turns[start], turns[start + 1]} == {one, other}


def test_versions_do_not_share_a_batch() -> None:
    queue = FairQueue(1024)
    queue.put(job(10, 10))
    queue.put(job(10, 10, by=encode_otherwise))
    assert [len({place.job.encode for place in batch.places}) for batch in drained(queue)] == [1, 1]


def test_work_that_nobody_wants_any_more_is_not_handed_out() -> None:
    queue = FairQueue(256)
    gone, wanted = job(*[100] * 40), job(100)
    queue.put(gone)
    queue.put(wanted)
    assert queue.take() is not None
    gone.fail(ClientGone("gone"))
    rest = [place.job for batch in drained(queue) for place in batch.places]
    assert gone not in rest
    assert queue.waiting == (0, 0)


def test_a_closed_queue_hands_out_what_it_has_and_takes_nothing_new() -> None:
    queue = FairQueue(256)
    queue.put(job(5))
    queue.close()
    assert queue.take() is not None
    assert queue.take() is None
    with pytest.raises(ShuttingDown):
        queue.put(job(5))


def test_waiting_counts_windows_and_their_padded_tokens() -> None:
    queue = FairQueue(256)
    queue.put(job(1, 9, 8))
    assert queue.waiting == (3, 8 + 16 + 8)


def test_only_a_batch_with_a_digest_in_it_fetches_states() -> None:
    queue = FairQueue(1024)
    queue.put(job(10))
    queue.put(job(10, states=True))
    queue.put(job(50))
    assert [batch.states for batch in drained(queue)] == [True, False]
