"""Migration steps, one by one."""

from pathlib import Path

from alembic.script import ScriptDirectory

from bucketlist import migrations


def all_steps() -> list[tuple[str, str]]:
    """Each step and what is below it, the newest first."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    return [(step.revision, str(step.down_revision or "base")) for step in scripts.walk_revisions()]


def steps_with_data() -> list[tuple[str, str]]:
    """As far down as there are tables."""
    return [(step, below) for step, below in all_steps() if below != "base"]
