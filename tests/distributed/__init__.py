"""Tests on a real Citus cluster, when CITUS_NODES names one."""
