"""Pages, topics and digests: what a bundle answers."""

import os

# From 1.29 on ONNX Runtime reports to its makers, unless it is told not to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
