"""Letters: what is told by mail, in which words, and how it gets to its reader."""
