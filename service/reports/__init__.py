"""Reports: one study as a workbook."""
