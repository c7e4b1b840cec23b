"""The Open Inference Protocol, as a client of any such server would speak it."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.settings import Settings
from tests.model.runtimes import usable
from tests.service.serving import LOOPBACK, classify

TEXTS = ["河长办治理污染河道、修复湿地。", "高校党委选拔培养年轻干部、整治作风问题。"]


def tensor(*texts: Any, shape: list[int] | None = None) -> dict[str, Any]:
    return {"name": "text", "shape": shape or [len(texts)], "datatype": "BYTES", "data": list(texts)}


def infer(client: TestClient, *texts: Any, path: str = "/v2/models/baozhai/infer", **fields: Any) -> Any:
    return client.post(path, json={"inputs": [tensor(*texts)], **fields})


def test_the_server_is_live_and_ready(client: TestClient) -> None:
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2").json()["name"] == "baozhai"


def test_the_model_describes_its_tensors(client: TestClient, served_model: Model) -> None:
    for path in ("/v2/models/baozhai", f"/v2/models/baozhai/versions/{served_model.version}"):
        body = client.get(path).json()
        assert body["versions"] == [served_model.version]
        assert body["platform"] == "onnxruntime_onnx"
        assert body["parameters"]["topics"] == list(served_model.topics.ids)
        assert [each["name"] for each in body["inputs"]] == ["text"]
        assert client.get(f"{path}/ready").json() == {"name": "baozhai", "ready": True}


def test_the_model_names_what_computes_it(bundle_folder: Path) -> None:
    model = Model.load(bundle_folder, runtime=usable("openvino-bf16"))
    with TestClient(create_app(model, Settings(runtime="openvino-bf16")), base_url=LOOPBACK) as client:
        assert client.get("/v2/models/baozhai").json()["platform"] == "openvino_onnx"


def test_infer_says_what_classify_says(client: TestClient, served_model: Model) -> None:
    expected = classify(client, *TEXTS, names="id").json()["results"]
    body = infer(client, *TEXTS, id="42").json()
    assert (body["model_name"], body["model_version"], body["id"]) == ("baozhai", served_model.version, "42")
    outputs = {output["name"]: output for output in body["outputs"]}
    topics = len(served_model.topics)
    assert outputs["confidences"]["shape"] == outputs["topics"]["shape"] == [2, topics]
    for row, result in enumerate(expected):
        cells = slice(row * topics, (row + 1) * topics)
        assert outputs["confidences"]["data"][cells] == list(result["confidences"].values())
        named = [i for i, on in zip(served_model.topics.ids, outputs["topics"]["data"][cells], strict=True) if on]
        assert named == result["topics"]
    assert outputs["uncertain"]["data"] == [result["uncertain"] for result in expected]
    assert outputs["stage"]["data"] == [result["stage"] for result in expected]
    assert outputs["error"]["data"] == ["", ""]


def test_a_version_may_be_named(client: TestClient, served_model: Model) -> None:
    path = f"/v2/models/baozhai/versions/{served_model.version}/infer"
    assert infer(client, *TEXTS, path=path).json() == infer(client, *TEXTS).json()


def test_only_the_outputs_that_are_wanted_come(client: TestClient) -> None:
    body = infer(client, *TEXTS, outputs=[{"name": "uncertain"}]).json()
    assert [output["name"] for output in body["outputs"]] == ["uncertain"]


def test_a_text_that_cannot_be_read_has_its_error_in_its_row(client: TestClient) -> None:
    body = infer(client, "", TEXTS[0], outputs=[{"name": "error"}]).json()
    assert [bool(error) for error in body["outputs"][0]["data"]] == [True, False]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/models/bert",
        "/v2/models/bert/ready",
        "/v2/models/baozhai/versions/1",
        "/v2/models/baozhai/versions/1/ready",
    ],
)
def test_a_model_that_there_is_not_is_a_404(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 404
    assert "'baozhai'" in reply.json()["error"]
    assert infer(client, *TEXTS, path=path.removesuffix("/ready") + "/infer").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": []},
        {"inputs": [tensor("a"), tensor("a")]},
        {"inputs": [tensor("a", shape=[2])]},
        {"inputs": [tensor("a", shape=[1, 1])]},
        {"inputs": [{**tensor("a"), "datatype": "FP32"}]},
        {"inputs": [{**tensor("a"), "name": "x"}]},
        {"inputs": [tensor(1)]},
        {"inputs": [tensor("a")], "outputs": [{"name": "x"}]},
    ],
)
def test_a_tensor_that_does_not_fit_is_told_so(client: TestClient, body: Any) -> None:
    reply = client.post("/v2/models/baozhai/infer", json=body)
    assert reply.status_code == 422
    assert reply.json()["error"] == reply.json()["detail"]
