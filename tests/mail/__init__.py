"""Letters: their words, the outbox, real mail servers."""
