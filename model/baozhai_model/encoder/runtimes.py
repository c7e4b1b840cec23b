"""What computes the encoder's ONNX file: ONNX Runtime, or OpenVINO in half precision where the processor has that.

Both promise that a window has the same bytes alone and in any batch. ONNX Runtime multiplies float32 matrices row by
row in one order, whatever their height. OpenVINO does so on processors with AVX512-BF16; where there is AMX its kernels
depend on the height of a matrix, so it is given one window a pass there. So is an encoder whose activations are rounded
to 8 bits, since the windows of a pass would share a scale. `promise` checks all this when an encoder loads.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from baozhai_model.errors import RuntimeUnavailable

RuntimeName = Literal["onnxruntime", "openvino-bf16"]
RUNTIMES: tuple[RuntimeName, ...] = get_args(RuntimeName)
OUTPUTS = ("topic_logits", "salience", "states")
MARK = ("activations", "8-bit")
"""Metadata of an ONNX file in which the windows of a pass share a scale (``DynamicQuantizeLinear``)."""

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


class Runtime(Protocol):
    """A loaded encoder: inputs ``input_ids, attention_mask``, outputs some of `OUTPUTS`."""

    @property
    def topics(self) -> int | str:
        """How many logits a window gets."""
        ...

    @property
    def batches(self) -> bool:
        """Whether several windows may share a pass without changing each other's bytes, as far as is known."""
        ...

    def run(self, ids: Ids, mask: Ids, *, states: bool) -> dict[str, Floats]:
        """The outputs for windows (batch, tokens) by name; ``states``, which are large, only if asked for."""
        ...


def load_runtime(name: RuntimeName, path: Path, threads: int) -> Runtime:
    """Load the encoder at ``path`` with the runtime called ``name``.

    Args:
        name: one of `RUNTIMES`.
        path: the ``.onnx`` file.
        threads: cores that one batch may use; 0 for all.

    Raises:
        RuntimeUnavailable: see `check_runtime`.
    """
    check_runtime(name)
    return OpenVino(path, threads) if name == "openvino-bf16" else OnnxRuntime(path, threads)


def check_runtime(name: str) -> None:
    """See whether the runtime called ``name`` can be used here.

    Raises:
        RuntimeUnavailable: it is not installed, or not for this processor, or there is none of that name.
    """
    if name not in RUNTIMES:
        raise RuntimeUnavailable(f"there is no runtime {name!r}; there are {', '.join(RUNTIMES)}")
    if name != "openvino-bf16":
        return
    try:
        capabilities = _openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except ModuleNotFoundError:
        raise RuntimeUnavailable("openvino-bf16 needs OpenVINO: pip install 'baozhai[openvino]'") from None
    except (ImportError, RuntimeError) as error:
        raise RuntimeUnavailable(f"openvino-bf16: OpenVINO does not start here: {error}") from error
    if "BF16" not in capabilities:
        raise RuntimeUnavailable("openvino-bf16: this processor does not compute in bfloat16; use onnxruntime")


def _openvino() -> Any:
    """OpenVINO without its telemetry, which would report to its makers that it was imported."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # as if it were not installed
    import openvino

    return openvino


def has_amx() -> bool:
    """Whether this processor multiplies matrices in tiles (Intel AMX); True where that cannot be told."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True


class OnnxRuntime:
    """ONNX Runtime: products of 8-bit integers where the file has them, of 32-bit floats elsewhere."""

    def __init__(self, path: Path, threads: int) -> None:
        """Load ``path``."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._shapes = {output.name: output.shape for output in self._session.get_outputs()}
        self.batches = self._session.get_modelmeta().custom_metadata_map.get(MARK[0]) != MARK[1]
        self._names = [name for name in OUTPUTS if name in self._shapes]

    @property
    def topics(self) -> int | str:
        """How many logits a window gets."""
        shape: list[int | str] = self._shapes["topic_logits"]
        return shape[1]

    def run(self, ids: Ids, mask: Ids, *, states: bool) -> dict[str, Floats]:
        """The outputs for windows (batch, tokens)."""
        wanted = [name for name in self._names if states or name != "states"]
        outputs: list[Floats] = self._session.run(wanted, {"input_ids": ids, "attention_mask": mask})
        return dict(zip(wanted, outputs, strict=True))


class OpenVino:
    """OpenVINO with matrix products in bfloat16, on processors that compute in it (AVX512-BF16, AMX).

    Faster than 32 bits; logits differ in the second decimal.
    """

    def __init__(self, path: Path, threads: int) -> None:
        """Compile ``path``."""
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16",
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,  # processes beside each other would pin themselves to the same core
            "CPU_RUNTIME_CACHE_CAPACITY": 256,  # shapes vary: without a bound it grows with every new one
            **({"INFERENCE_NUM_THREADS": threads} if threads else {}),
        }
        self.batches = not has_amx()
        self._model = _openvino().Core().compile_model(str(path), "CPU", settings)
        found = {name for output in self._model.outputs for name in output.get_names()}
        self._names = [name for name in OUTPUTS if name in found]
        self._mine = threading.local()  # a request computes for one thread at a time

    @property
    def topics(self) -> int | str:
        """How many logits a window gets."""
        size = self._model.output(OUTPUTS[0]).partial_shape[1]
        return int(size.get_length()) if size.is_static else str(size)

    def run(self, ids: Ids, mask: Ids, *, states: bool) -> dict[str, Floats]:
        """The outputs for windows (batch, tokens)."""
        if not hasattr(self._mine, "request"):
            self._mine.request = self._model.create_infer_request()
        request = self._mine.request
        request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
        wanted = [name for name in self._names if states or name != "states"]
        # The request writes its next outputs over these.
        return {name: request.get_tensor(name).data.copy() for name in wanted}
