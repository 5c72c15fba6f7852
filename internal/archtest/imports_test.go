package archtest

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "usher"

// rule says what the packages of a pattern may import: of this module, and of
// others. "*" stands for everything; the standard library is always allowed,
// a module outside it only where it is named. Tests may import what they like.
type rule struct {
	packages string
	own      []string
	others   []string
}

// contracts are what everything else meets at; reading one of them is enough
// to write an executor, a store or a handler.
var contracts = []string{"flow", "identity", "connection", "application", "branding", "grant", "notify", "seal", "audit", "limit"}

// rules are in the order of rank; the first that matches a package applies.
var rules = []rule{
	{packages: "flow"},
	{packages: "flow/diff"},                           // looks at documents as JSON, so that it sees what no engine knows
	{packages: "flow/palette", own: []string{"flow"}}, // what builders offer; what it declares no engine needs
	{packages: "connection"},
	// What a service of others may see and change: its paths are those of claims.
	{packages: "connection/extension", own: []string{"connection", "identity"}, others: []string{"golang.org/x/net/http/httpguts"}},
	{packages: "application"},
	{packages: "branding"},
	{packages: "branding/sheet", own: []string{"branding"}, others: []string{"github.com/tdewolff/parse"}},
	{packages: "grant"},
	{packages: "notify"},
	{packages: "seal"},
	{packages: "audit"},
	{packages: "audit/stream", own: []string{"audit"}},
	{packages: "limit"},
	{packages: "outbound", others: []string{"code.dny.dev/ssrf"}},
	{packages: "identity", own: []string{"notify"}, others: []string{"golang.org/x", "github.com/nyaruka/phonenumbers"}},
	{packages: "config", own: []string{"audit/stream", "captcha"}, others: []string{"github.com/alecthomas/kong", "go.yaml.in/yaml"}},

	{packages: "engine", own: []string{"flow", "limit", "seal"}, others: []string{"github.com/google/uuid"}},
	{packages: "executor/executortest", own: contracts, others: []string{"*"}},
	{packages: "captcha"},
	{packages: "otp", own: []string{"flow", "identity", "limit", "notify"}},
	// What is limited, and by how much: it knows no database and no HTTP.
	{packages: "throttle", own: []string{"flow", "identity", "limit"}, others: []string{"github.com/nyaruka/phonenumbers", "golang.org/x/net/idna"}},
	{packages: "executor/*", own: []string{"flow", "identity", "connection", "connection/extension", "grant", "limit", "notify", "otp"}, others: []string{"*"}},
	// What people are sent looks as the pages do that they are sent from.
	{packages: "notify/words", own: []string{"notify", "branding"}, others: []string{"*"}},
	{packages: "notify/*", own: []string{"notify", "notify/letter"}, others: []string{"*"}},
	{packages: "store", own: contracts},

	{packages: "store/sqlstore", own: append([]string{"store"}, contracts...), others: []string{"*"}},
	{packages: "store/storetest", own: append([]string{"store"}, contracts...), others: []string{"*"}},
	// It is handed stores and executors, and so knows no tenant's.
	{packages: "sandbox", own: append([]string{"connection/extension", "engine", "store"}, contracts...), others: []string{"*"}},
	{packages: "httpapi", own: append([]string{"engine"}, contracts...), others: []string{"*"}},
	// What is tried answers in the words of what runs.
	{packages: "httpapi/sandboxapi", own: append([]string{"engine", "httpapi", "httpapi/flowapi", "sandbox"}, contracts...), others: []string{"*"}},
	// Tests check the documents with a library that the server must not have in it.
	{packages: "httpapi/openapi", own: []string{"httpapi"}, others: []string{"go.yaml.in/yaml"}},
	{packages: "httpapi/*", own: append([]string{"connection/extension", "engine", "flow/diff", "flow/palette", "httpapi", "starter", "branding/sheet"}, contracts...), others: []string{"*"}},
	{packages: "signin", own: append([]string{"engine", "httpapi", "signin/*"}, contracts...), others: []string{"*"}},
	{packages: "signin/assertion", own: append([]string{"signin/keys"}, contracts...), others: []string{"*"}},
	{packages: "signin/*", own: append([]string{"engine", "httpapi"}, contracts...), others: []string{"*"}},
	{packages: "portal", own: append([]string{"engine", "httpapi"}, contracts...), others: []string{"*"}},

	// It wraps what is watched, from outside.
	{packages: "telemetry", own: append([]string{"outbound", "store/sqlstore"}, contracts...), others: []string{"*"}},
	{packages: "console/apidocs", own: []string{"httpapi/openapi"}},
	{packages: "console", own: []string{"application", "httpapi"}, others: []string{"github.com/google/uuid"}},
	{packages: "starter", own: []string{"flow"}},
	{packages: "store/postgres/postgrestest", own: append([]string{"store", "store/*", "store/postgres/postgrestest/cluster"}, contracts...), others: []string{"*"}},
	// The tests of the binary run one too, and know nothing of the store.
	{packages: "store/postgres/postgrestest/cluster", others: []string{"github.com/jackc/pgx"}},
	{packages: "store/postgres/postgrestest/network"},
	{packages: "store/valkey/valkeytest", own: append([]string{"store", "store/*"}, contracts...), others: []string{"*"}},
	{packages: "store/sqlite/sqlitetest", own: append([]string{"store", "store/*"}, contracts...), others: []string{"*"}},
	{packages: "store/*", own: append([]string{"store", "store/sqlstore"}, contracts...), others: []string{"*"}},

	{packages: "cmd/usher", own: []string{"*"}, others: []string{"*"}},
	// It measures from outside, and starts PostgreSQL as tests do.
	{packages: "bench", own: []string{"store/postgres/postgrestest/cluster"}, others: []string{"*"}},
	{packages: "blackbox"},
	// An example knows nothing that others could not import.
	{packages: "examples/shop", others: []string{"golang.org/x/oauth2", "github.com/coreos/go-oidc"}},
	{packages: "examples/shop/start"},
	{packages: "internal/archtest"},
}

const why = `
At run time data goes one way, httpapi -> engine -> executor -> store. At compile
time every arrow goes through a contract (flow, identity, connection, application,
branding, grant, notify, seal, audit, limit), so that no package depends on how its neighbour is built. Move what both
need into a contract, or declare a small interface where it is used and hand the
value in from cmd/usher. A new package needs a line in the table of this test.`

func TestImports(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		i := slices.IndexFunc(rules, func(r rule) bool { return matches(r.packages, name) })
		if i < 0 {
			t.Errorf("%s has no place in the table%s", name, why)
			continue
		}
		for _, imported := range p.Imports {
			if !rules[i].allows(imported) {
				t.Errorf("%s must not import %s%s", name, imported, why)
			}
		}
	}
}

func (r rule) allows(imported string) bool {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		return slices.ContainsFunc(r.own, func(pattern string) bool { return pattern == "*" || matches(pattern, own) })
	}
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") || slices.ContainsFunc(r.others, func(prefix string) bool {
		return prefix == "*" || strings.HasPrefix(imported, prefix+"/") || imported == prefix
	})
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// TestFolders holds docs/design.md to the tree: it says what each folder with
// Go in it is for.
func TestFolders(t *testing.T) {
	t.Parallel()
	var first strings.Builder // column of the tables
	for line := range strings.Lines(read(t, "../../docs/design.md")) {
		if cell, ok := strings.CutPrefix(line, "| "); ok {
			first.WriteString(cell[:strings.Index(cell, " | ")+1])
		}
	}
	for _, p := range packages(t) {
		folder, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, module+"/"), "/")
		if !strings.Contains(first.String(), "`"+folder+"` ") {
			t.Errorf("the table of docs/design.md does not say what is in %s", folder)
		}
	}
}

func TestPackageNames(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for element := range strings.SplitSeq(p.ImportPath, "/") {
			switch element {
			case "common", "util", "utils", "helper", "helpers", "core", "models", "types", "service", "manager":
				t.Errorf("%s: a package is named after what it provides; %q says nothing", p.ImportPath, element)
			}
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(run(t, "list", "-e", "-tags=blackbox,postgres,valkey", "-json=ImportPath,Imports", module+"/...")))
	var list []listed
	for decoder.More() {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 8 {
		t.Fatalf("go list found %d packages only", len(list))
	}
	return list
}

// run returns what the go command says; it needs neither the network nor
// anything installed.
func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("go %s: %s", strings.Join(args, " "), exit.Stderr)
		}
		t.Fatal(err)
	}
	return string(out)
}
