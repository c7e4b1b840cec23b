"""Labels given by people: storage, routes, statistics, import and export."""
