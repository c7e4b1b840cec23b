"""The HTTP interface: routes, admission, keys, problems and the OpenAPI document."""
