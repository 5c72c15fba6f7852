package telemetry

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v4"
)

// known metrics, with the labels that may be asked for.
func described(t *testing.T) map[string][]string {
	t.Helper()
	m := NewMetrics("test")
	m.Watch(Sources{})
	list := make(chan *prometheus.Desc, 1000)
	m.Registry.Describe(list)
	close(list)
	form := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	metrics := map[string][]string{}
	for d := range list {
		if found := form.FindStringSubmatch(d.String()); found != nil {
			metrics[found[1]] = strings.Split(found[2], ",")
		}
	}
	if len(metrics) < 10 {
		t.Fatalf("found %d metrics", len(metrics))
	}
	return metrics
}

// checkExpression holds that an expression asks for metrics and labels that
// there are: one that does not is silent for ever.
func checkExpression(t *testing.T, metrics map[string][]string, expression string) {
	t.Helper()
	uses := regexp.MustCompile(`(usher_\w+)(\{[^}]*\})?`).FindAllStringSubmatch(expression, -1)
	if len(uses) == 0 && !strings.Contains(expression, "process_") && !strings.Contains(expression, "go_") {
		t.Errorf("%s asks for nothing", expression)
	}
	for _, use := range uses {
		name := use[1]
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if base, ok := strings.CutSuffix(name, suffix); ok {
				name = base
			}
		}
		labels, ok := metrics[name]
		if !ok {
			t.Errorf("there is no %s, for %s", use[1], expression)
			continue
		}
		for _, label := range regexp.MustCompile(`(\w+)(=~|!=|!~|=)"`).FindAllStringSubmatch(use[2], -1) {
			if own := []string{"job", "instance"}; !slices.Contains(append(own, labels...), label[1]) {
				t.Errorf("%s has no label %s, for %s", name, label[1], expression)
			}
		}
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../deploy/grafana/usher.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	metrics, shown := described(t), ""
	for _, p := range dashboard.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			checkExpression(t, metrics, target.Expr)
			shown += target.Expr
		}
	}
	for name := range metrics {
		if strings.HasPrefix(name, "usher_") && name != "usher_build_info" && name != "usher_message_age_seconds" && !strings.Contains(shown, name) {
			t.Errorf("%s is on no panel", name)
		}
	}
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../deploy/prometheus/usher.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      struct{ Severity string }
				Annotations struct{ Summary string }
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	operations, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	metrics, count := described(t), 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			count++
			checkExpression(t, metrics, r.Expr)
			if r.Alert == "" || r.Labels.Severity == "" || r.Annotations.Summary == "" {
				t.Errorf("%+v is not whole", r)
			}
			if !strings.Contains(string(operations), "`"+r.Alert+"`") {
				t.Errorf("docs/operations.md does not say what to do about %s", r.Alert)
			}
		}
	}
	if count == 0 {
		t.Error("there are no alerts")
	}
}
