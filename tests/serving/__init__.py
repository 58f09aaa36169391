"""HTTP end to end: real servers, real HTTP."""
