"""The standard as data: typed values, rules, verdicts, and how documents become them."""
