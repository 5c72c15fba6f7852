package config_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"usher/config"
)

// secrets are what deploy/ leaves to whoever uses it.
var secrets = map[string]string{
	"POSTGRES_PASSWORD":    "hunter2",
	"USHER_DATABASE_URL":   "postgres://usher:hunter2@postgres:5432/usher",
	"USHER_SECRET_KEY":     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	"USHER_ADMIN_PASSWORD": "Correct-horse-1",
}

func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// accepted returns the settings of a node's environment, which a server takes.
func accepted(t *testing.T, environment map[string]string) *config.Config {
	t.Helper()
	var environ []string
	for name, value := range environment {
		environ = append(environ, name+"="+value)
	}
	c := load(t, nil, environ)
	if err := config.Validate(c); err != nil {
		t.Error(err)
	}
	if !c.Postgres() || len(c.ProxyNetworks()) == 0 {
		t.Error("several nodes need PostgreSQL, and the proxy's word on where requests come from")
	}
	return c
}

// TestCompose holds deploy/compose.yaml and deploy/nginx.conf to the settings
// that there are, and to each other.
func TestCompose(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Environment map[string]string
			Grace       time.Duration `yaml:"stop_grace_period"`
		}
	}
	if err := yaml.Unmarshal([]byte(deployed(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`\$\{(\w+)(:-|:\?)?([^}]*)\}`)
	nginx, nodes := deployed(t, "nginx.conf"), 0
	for name, service := range file.Services {
		if !strings.HasPrefix(name, "usher-") {
			continue
		}
		nodes++
		for key, value := range service.Environment {
			service.Environment[key] = form.ReplaceAllStringFunc(value, func(found string) string {
				part := form.FindStringSubmatch(found)
				if part[2] == ":-" {
					return part[3]
				}
				return secrets[part[1]]
			})
		}
		c := accepted(t, service.Environment)
		if service.Grace <= c.ShutdownTimeout {
			t.Errorf("%s is killed after %v, within its own %v", name, service.Grace, c.ShutdownTimeout)
		}
		if n := strings.Count(nginx, "server "+name+c.ListenAddr+";"); n != 2 {
			t.Errorf("%s%s is in %d of 2 upstreams of nginx.conf", name, c.ListenAddr, n)
		}
	}
	if nodes != 2 {
		t.Errorf("found %d nodes", nodes)
	}
}

// manifest is what the manifests of Kubernetes say that has to fit the settings.
type manifest struct {
	Kind string
	Data map[string]string
	Spec struct {
		Ports []struct {
			TargetPort string `yaml:"targetPort"`
		}
		Template struct{ Spec pod }
	}
}

type pod struct {
	Grace      int `yaml:"terminationGracePeriodSeconds"`
	Containers []struct {
		Env   []struct{ Name string }
		Ports []struct {
			Name          string
			ContainerPort string `yaml:"containerPort"`
		}
		Live      probe `yaml:"livenessProbe"`
		Ready     probe `yaml:"readinessProbe"`
		Lifecycle struct {
			PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
		}
	}
}

type probe struct {
	Get struct{ Path, Port string } `yaml:"httpGet"`
}

// TestKubernetes holds deploy/kubernetes/usher.yaml to the settings that there
// are: names, ports, probes and the time that a stop takes.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	objects := map[string]manifest{}
	for decoder := yaml.NewDecoder(bytes.NewReader([]byte(deployed(t, "kubernetes/usher.yaml")))); ; {
		var m manifest
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		objects[m.Kind] = m
	}
	spec := objects["Deployment"].Spec.Template.Spec
	node, environment := spec.Containers[0], objects["ConfigMap"].Data
	for _, variable := range node.Env {
		environment[variable.Name] = secrets[variable.Name]
	}
	c := accepted(t, environment)
	if stop := time.Duration(node.Lifecycle.PreStop.Sleep.Seconds)*time.Second + c.ShutdownTimeout; time.Duration(spec.Grace)*time.Second <= stop {
		t.Errorf("a pod is killed after %d s; a stop can take %v", spec.Grace, stop)
	}
	ports := map[string]string{}
	for _, p := range node.Ports {
		ports[p.Name] = p.ContainerPort
	}
	public, private := port(t, c.ListenAddr), port(t, c.OpsAddr)
	if live, ready := node.Live.Get, node.Ready.Get; live.Path != "/livez" || ready.Path != "/readyz" || ports[live.Port] != private || ports[ready.Port] != private {
		t.Errorf("the probes ask %v and %v, the ops address is %s", live, ready, c.OpsAddr)
	}
	if service := objects["Service"].Spec.Ports; len(service) != 1 || ports[service[0].TargetPort] != public {
		t.Errorf("the service shows %v, the server listens on %s", service, c.ListenAddr)
	}
	if host, _, _ := net.SplitHostPort(c.OpsAddr); host != "" {
		t.Errorf("the kubelet does not reach %s", c.OpsAddr)
	}
}

func port(t *testing.T, address string) string {
	t.Helper()
	_, number, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return number
}
