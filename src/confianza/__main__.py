"""`python -m confianza`: the command line."""

from confianza.cli import main

if __name__ == "__main__":
    main()
