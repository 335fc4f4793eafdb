from neuroclips.cli import app

app()
