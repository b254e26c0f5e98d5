#!/usr/bin/env python
"""Django's command line for Ekphrasis."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "museum.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import DatabaseError  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        from museum.core.database import schema  # noqa: PLC0415

        explanation = schema.explanation(error)
        if explanation is None:
            raise
        sys.stderr.write(f"{explanation}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
