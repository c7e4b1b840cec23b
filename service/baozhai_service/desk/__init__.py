"""The desk: the service's own pages, where editors read, check, label and release."""
