"""The phrase table: every text that people see, in zh and en (see ``analysis.messages``)."""
