"""LitServe with dynamic batching around the ONNX file of a bundle's small encoder, as its documentation shows.

``python -m benchmarks.service_peer_litserve BUNDLE PORT``
"""

# No annotations where LitServe would take them for the types of request and answer.
import sys
from pathlib import Path

import litserve as ls
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from baozhai_model.bundle import read_manifest

LONGEST = 512  # tokens; it cuts longer texts


class Topics(ls.LitAPI):  # type: ignore[misc]
    """Topic confidences of the first text of a request."""

    def __init__(self, bundle: Path) -> None:
        super().__init__(max_batch_size=16, batch_timeout=0.005, api_path="/v1/classify")
        self._bundle = bundle

    def setup(self, device):
        """Load the model."""
        small = read_manifest(self._bundle).small
        self._session = onnxruntime.InferenceSession(str(self._bundle / small.model))
        self._tokenizer = Tokenizer.from_file(str(self._bundle / small.tokenizer))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def decode_request(self, request):
        """The text of a request."""
        return request["texts"][0]

    def batch(self, inputs):
        """Texts as they are."""
        return inputs

    def predict(self, texts):
        """One pass over a padded batch."""
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([each.ids for each in encoded], dtype=np.int64)
        mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
        (logits,) = self._session.run(["topic_logits"], {"input_ids": ids, "attention_mask": mask})
        return 1 / (1 + np.exp(-logits))

    def unbatch(self, output):
        """A row each."""
        return list(output)

    def encode_response(self, output):
        """The answer."""
        return {"confidences": [float(value) for value in output]}


if __name__ == "__main__":
    ls.LitServer(Topics(Path(sys.argv[1])), accelerator="cpu", timeout=60).run(
        host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", generate_client_file=False
    )
