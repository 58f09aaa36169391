"""Real servers, real HTTP."""
