"""Read a newspaper page: lines, joins, roles and articles."""
