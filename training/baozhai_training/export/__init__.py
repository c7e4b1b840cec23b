"""Write a bundle: ONNX, quantization, checksums and the model card."""
