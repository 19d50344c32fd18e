"""`python -m app`: the command line where the installed script cannot be used."""

from app.cli.commands import app

if __name__ == "__main__":
    app(prog_name="redress")
