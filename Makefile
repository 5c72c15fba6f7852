# Everything one does with this repository. It needs Go and, for the console's
# sources and the tests in a browser, Node.js; what the targets use beside them is
# pinned in tools/go.mod and the package-lock.json of console and browser and
# fetched on first use.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 10s
TOOL     := go tool -modfile=tools/go.mod
CORE     := ./application/... ./audit/... ./branding/... ./captcha/... ./config/... ./connection/... ./console/... ./engine/... ./examples/... ./executor/... ./flow/... ./grant/... ./httpapi/... ./identity/... ./limit/... ./notify/... ./otp/... ./outbound/... ./portal/... ./sandbox/... ./seal/... ./signin/... ./starter/... ./store/... ./telemetry/... ./throttle/... ./cmd/...

.DEFAULT_GOAL := help
.PHONY: help console run example build test test-race test-postgres test-valkey test-blackbox race-blackbox test-console test-browser lint format gen vuln fuzz bench soak cover clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build and serve on https://localhost:9443, data in ./data
	./build/usher serve

example: build ## Start an application that people join, and Usher for it; see examples/shop
	CGO_ENABLED=0 go build -o build/shop ./examples/shop
	CGO_ENABLED=0 go build -o build/shop-start ./examples/shop/start
	@./build/shop-start $(EXAMPLE)

build: ## Build ./build/usher, static and the same from the same sources
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o build/usher ./cmd/usher

console: ## Build the pages of the console into console/dist, which is committed
	./scripts/console-setup
	cd console && npm run --silent build

test: ## Vet, check go.mod, run all tests, those of the built binary and in a browser too
	go vet -tags blackbox,postgres,valkey ./...
	go mod tidy -diff
	go test ./...
	$(MAKE) --no-print-directory test-postgres
	$(MAKE) --no-print-directory test-valkey
	$(MAKE) --no-print-directory test-blackbox
	$(MAKE) --no-print-directory test-console
	$(MAKE) --no-print-directory test-browser

test-postgres: ## Run the store's suite and the journeys on PostgreSQL, installed at the first time (Debian, root)
	./scripts/postgres-setup
	go test -tags postgres -timeout 15m ./store/postgres/... ./cmd/usher

test-valkey: ## Run the store's suite and the journeys with Valkey, installed at the first time (Debian, root)
	./scripts/valkey-setup
	go test -tags valkey -timeout 15m ./store/valkey/... ./cmd/usher

test-blackbox: ## Run the tests of the built binary
	go test -tags blackbox -count=1 -timeout 10m ./blackbox

race-blackbox: ## Run the tests of the built binary, built with the race detector
	USHER_TEST_RACE=1 go test -tags blackbox -count=1 -timeout 30m ./blackbox

test-console: ## Run the tests of the console's sources
	./scripts/console-setup
	cd console && npm run --silent test

test-browser: build ## Run the tests in Chromium, installed at the first time (Debian, root)
	./scripts/browser-setup
	cd browser && node --test --test-concurrency=2

test-race: ## Run the tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race $(CORE)

lint: ## Check the code as .golangci.yml and console/biome.json say
	$(TOOL) golangci-lint run ./...
	./scripts/console-setup
	cd console && npm run --silent check

format: ## Format the code
	$(TOOL) golangci-lint fmt ./...
	./scripts/console-setup
	cd console && npm run --silent format

gen: ## Make generated files again
	go generate ./...

vuln: ## Check whether code that is known to be vulnerable is used (asks vuln.go.dev)
	./scripts/check-vulnerabilities

fuzz: ## Run each fuzz target for FUZZTIME
	./scripts/fuzz $(FUZZTIME)

bench: ## Measure a real server beside a bare JSON echo
	go run ./bench

soak: ## Walk through flows for half an hour and watch memory, handles and the database
	go run ./bench -soak 30m

cover: ## Show which statements the tests reach, in build/cover.html
	@mkdir -p build
	go test -coverpkg=./... -coverprofile=build/cover.out ./...
	go tool cover -html=build/cover.out -o build/cover.html
	go tool cover -func=build/cover.out | tail -1

clean: ## Remove what was built; data/ stays
	rm -rf build
