"""Video tools: the nouns, the ledger, back ends, checks and editing, and the tools that agents call."""
