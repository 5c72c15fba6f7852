package manageapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"usher/flow"
	"usher/httpapi"
)

// maxConfig bounds the body of a PATCH in bytes.
const maxConfig = 16 << 10

// flowConfig is FlowConfig on the wire.
type flowConfig struct {
	FlowType flow.Type         `json:"flowType"`
	Enabled  bool              `json:"isEnabled"`
	Configs  map[string]string `json:"flowCompletionConfigs"`
}

func wireConfig(t flow.Type, c flow.Config) flowConfig {
	out := flowConfig{FlowType: t, Enabled: c.Enabled, Configs: map[string]string{}}
	for _, name := range flow.SettingNames(t) {
		out.Configs[name] = strconv.FormatBool(*c.Settings.Field(name))
	}
	return out
}

func (a *API) config(r *http.Request, t flow.Type) (flowConfig, error) {
	_, c, err := a.Store.LiveDefinition(r.Context(), httpapi.Tenant(r), t)
	if errors.Is(err, flow.ErrNoDefinition) {
		c, err = flow.Config{}, nil
	}
	return wireConfig(t, c), err
}

func (a *API) getConfigs(w http.ResponseWriter, r *http.Request) error {
	var list []flowConfig
	for _, t := range flow.Types() {
		c, err := a.config(r, t)
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	return writeJSON(w, list)
}

func (a *API) getConfig(w http.ResponseWriter, r *http.Request) error {
	t, err := flowType(r)
	if err != nil {
		return err
	}
	c, err := a.config(r, t)
	if err != nil {
		return err
	}
	return writeJSON(w, c)
}

// patchConfig changes what the body names and leaves the rest. It holds for
// executions that start afterwards.
func (a *API) patchConfig(w http.ResponseWriter, r *http.Request) error {
	data, problem := httpapi.ReadBody(w, r, maxConfig, codeBody)
	if problem != nil {
		return problem
	}
	var patch struct {
		FlowType flow.Type         `json:"flowType"`
		Enabled  *bool             `json:"isEnabled"`
		Configs  map[string]string `json:"flowCompletionConfigs"`
	}
	if problem := httpapi.Decode(data, &patch, codeBody); problem != nil {
		return problem
	}
	if err := known(patch.FlowType); err != nil {
		return err
	}
	for name, value := range patch.Configs {
		if err := checkPair(patch.FlowType, name, value); err != nil {
			return err
		}
	}
	var before, after flowConfig
	ctx := a.Changes.Along(r, "flow.configured", string(patch.FlowType), func() (any, any) { return before, after })
	_, err := a.Store.UpdateConfig(ctx, httpapi.Tenant(r), patch.FlowType, func(c *flow.Config) {
		before = wireConfig(patch.FlowType, *c)
		if patch.Enabled != nil {
			c.Enabled = *patch.Enabled
		}
		for name, value := range patch.Configs {
			*c.Settings.Field(name) = value == "true"
		}
		after = wireConfig(patch.FlowType, *c)
	})
	if err != nil {
		return err
	}
	return writeJSON(w, after)
}

func checkPair(t flow.Type, name, value string) error {
	switch {
	case !slices.Contains(flow.SettingNames(t), name):
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeConfigKey, Message: "Unsupported completion setting.",
			Description: fmt.Sprintf("%.64q is not one of %v.", name, flow.SettingNames(t)), FlowType: string(t),
		}
	case value != "true" && value != "false":
		return &httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeConfigPair, Message: "Invalid completion setting.",
			Description: name + ` must be "true" or "false".`, FlowType: string(t),
		}
	}
	return nil
}
