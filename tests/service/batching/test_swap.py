"""Swapping the live model under traffic: every answer comes from one version, the one that it names."""

import threading
from dataclasses import replace

from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.batching.live_model import LiveModel
from tests.manifests import shifted
from tests.service.encoders import Gated, with_encoder
from tests.service.serving import LOOPBACK, classify

TEXTS = ["保险公司推出普惠保险并防范金融风险。", "环保志愿者推进垃圾分类和减排降碳。" * 40]


def variant(model: Model, version: str, bias: float) -> Model:
    """The same model under another name, with other answers."""
    manifest = model.manifest
    changed = replace(shifted(manifest, bias), version=version)
    return Model(replace(model.bundle, manifest=changed), max_characters=model.max_characters)


def test_answers_under_a_hundred_swaps_are_whole(served_model: Model) -> None:
    one, other = variant(served_model, "one", 0.0), variant(served_model, "other", 1.5)
    expected = {}
    for model in (one, other):
        with TestClient(create_app(model), base_url=LOOPBACK) as client:
            expected[model.version] = classify(client, *TEXTS).content
    live = LiveModel(one)
    answers: list[bytes] = []
    with TestClient(create_app(live), base_url=LOOPBACK) as client:
        done = threading.Event()

        def hammer() -> None:
            while not done.is_set():
                answers.append(classify(client, *TEXTS).content)

        clients = [threading.Thread(target=hammer) for _ in range(3)]
        for each in clients:
            each.start()
        for swap in range(100):
            before = len(answers)
            live.replace(other if swap % 2 == 0 else one)
            while len(answers) == before:
                pass
        done.set()
        for each in clients:
            each.join()
    assert set(answers) == set(expected.values())


def test_a_request_in_work_is_finished_by_the_version_that_began_it(served_model: Model) -> None:
    encoder = Gated(served_model.bundle.encoder)
    live = LiveModel(with_encoder(variant(served_model, "old", 0.0), encoder))
    replies: list[str] = []
    with TestClient(create_app(live), base_url=LOOPBACK) as client:
        encoder.shut()
        asking = threading.Thread(target=lambda: replies.append(classify(client, TEXTS[0]).json()["model_version"]))
        asking.start()
        encoder.entered.wait()
        live.replace(variant(served_model, "new", 0.0))
        encoder.gate.set()
        asking.join()
        assert replies == ["old"]
        assert classify(client, TEXTS[0]).json()["model_version"] == "new"
        assert client.get("/v1/models").json()["live"] == "new"
        assert client.get("/v2/models/baozhai/versions/old").status_code == 404
