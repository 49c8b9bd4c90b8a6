"""Great Expectations suites, the one-row metrics that they judge, and the gates that they close. No Dagster here."""
