"""The contract, checked as its users' tools do: fuzzed by Schemathesis, linted, and used by a typed client."""
