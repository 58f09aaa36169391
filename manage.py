"""The article's door to the commands: `python manage.py serve` is `bucketlist serve`."""

from bucketlist.cli import main

if __name__ == "__main__":
    main()
