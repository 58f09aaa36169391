"""Tests of the web app: HTML forms and pages, by a client that has cookies as a browser has, and in a browser."""
