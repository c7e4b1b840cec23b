"""Start, watch and cancel training runs on the machine of the service."""
