"""What the record says of one hotfix, section by section: pure, so that the same record gives the same document."""
