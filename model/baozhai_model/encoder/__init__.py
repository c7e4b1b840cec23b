"""Run the encoder's ONNX file: padding, batching and runtimes."""
