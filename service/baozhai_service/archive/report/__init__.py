"""Look at a scored archive: prevalence, charts, the report and the daily digest."""
