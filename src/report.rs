//! Pure functions of the records: tables, charts and the results folder.
