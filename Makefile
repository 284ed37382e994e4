# Seven words to work with this project. Each does all of its own set-up.
.PHONY: help run demo test check bench mutants
.DEFAULT_GOAL := help

help: ## Show these words
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: ## Start the service on http://localhost:3000 (PORT, HOST, DATABASE_URL: see .env.example)
	@scripts/setup.sh run
	@exec .venv/bin/python manage.py serve --setup

demo: ## Fill the database with made-up people and their last 90 days (PEOPLE, TRANSACTIONS, DAYS, SEED, MORE=1)
	@scripts/setup.sh test
	@scripts/setup.sh run
	@exec .venv/bin/python -m tests.demo $(if $(PEOPLE),--people '$(PEOPLE)') \
		$(if $(TRANSACTIONS),--transactions '$(TRANSACTIONS)') $(if $(DAYS),--days '$(DAYS)') \
		$(if $(SEED),--seed '$(SEED)') $(if $(MORE),--more)

test: ## Run every test on SQLite, and on a MariaDB or MySQL server of its own (or TEST_DATABASE_URL)
	@scripts/setup.sh test
	@exec .venv/bin/python -m tests.run

check: ## Check style, types, layers, migrations, the OpenAPI document and the production settings
	@scripts/setup.sh test
	@exec scripts/check.sh

bench: ## Measure against an Express server and the bare SQL; about half an hour (ROW=debits: one row, a minute)
	@scripts/setup.sh test
	@exec .venv/bin/python -m benchmarks $(if $(ROW),--row '$(ROW)') \
		$(if $(ROUNDS),--rounds '$(ROUNDS)') $(if $(SECONDS),--seconds '$(SECONDS)')

mutants: ## Take each guard out in turn, and show which test goes red
	@scripts/setup.sh test
	@exec .venv/bin/python -m tests.mutants $(if $(ONLY),'$(ONLY)')
