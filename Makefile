.PHONY: app demo test lint types

app:  ## the app, at the address that it prints
	python app.py

demo:  ## one clip, reconstructed from simulated fMRI and written to outputs/
	python -m neuroclips reconstruct --subject 1 --clip 0 --out outputs

test:  ## all tests; make test OPTIONS="-m 'not slow'" leaves the long ones out
	python -m pytest -n 2 $(OPTIONS)

lint:  ## style, form, and the way imports go
	ruff check . && ruff format --check . && lint-imports

types:
	mypy neuroclips
