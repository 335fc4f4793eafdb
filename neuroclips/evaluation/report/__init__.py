"""A report (scores.json) for readers: tables as Markdown, LaTeX and CSV, and one page that holds everything."""
