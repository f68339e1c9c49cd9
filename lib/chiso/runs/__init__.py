"""From a data folder to a folder of reports: plan, execute, record."""
