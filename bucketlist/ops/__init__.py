"""Health checks, metrics and background jobs: is it alive, can it serve?"""
