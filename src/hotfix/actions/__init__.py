"""One module per verb: read the record, ask ports for facts, ask the core, append. The same for every interface."""
