"""Training runs beside the service."""
