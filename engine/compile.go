package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"usher/flow"
)

// Compiler turns definitions into graphs.
type Compiler struct {
	// Executors by name: all there are.
	Executors map[string]flow.Executor
	// UsernameRules and PasswordRules become config.validations of the inputs
	// they apply to: JSON arrays, "[]" for none.
	UsernameRules, PasswordRules []byte
	// Captcha guards pages with a CAPTCHA; nil: nothing does.
	Captcha Captcha
}

// Names finds the URI of the claim that a short name or URI stands for, and
// tells whether there is one.
type Names func(name string) (uri string, ok bool)

// canonical is the claim's URI where the name stands for one, else the name.
func (n Names) canonical(name string) string {
	if uri, ok := n(name); ok {
		return uri
	}
	return name
}

// except returns names that take none of the words for a claim. Executors'
// inputs are read before claims: else an attribute that somebody calls
// "password" would have passwords stored as claims.
func (n Names) except(words map[string]bool) Names {
	return func(name string) (string, bool) {
		if words[strings.ToLower(name)] {
			return "", false
		}
		return n(name)
	}
}

// words are the inputs of executors that are not claims, in lower case: of
// those that the definition uses, and every secret one, whoever reads it. A
// password that is repeated is as secret.
func (c *Compiler) words(d *flow.Definition) map[string]bool {
	used := map[string]bool{}
	for _, use := range d.Uses() {
		used[use.Executor] = true
	}
	words := map[string]bool{strings.ToLower(repetition): true}
	for _, e := range c.Executors {
		for _, f := range e.Fields {
			if !strings.HasPrefix(f.Identifier, flow.ClaimPrefix) && (f.Secret || used[e.Name]) {
				words[strings.ToLower(f.Identifier)] = true
			}
		}
	}
	return words
}

// Compile checks the definition and returns its graph. The error is
// flow.Problems with everything that keeps it from running, each with its
// place.
func (c *Compiler) Compile(d *flow.Definition, names Names) (*Graph, error) {
	return c.compile(d, names, d.FlowType.Known())
}

func (c *Compiler) compile(d *flow.Definition, names Names, known bool) (*Graph, error) {
	if problems := checkSize(d); problems != nil {
		return nil, problems
	}
	words := c.words(d)
	b := &builder{
		Compiler: c, definition: d, names: names.except(words),
		graph:   &Graph{flowType: d.FlowType, words: words, steps: make(map[string]*step, len(d.Steps))},
		resends: map[string]string{},
	}
	if !known {
		b.report("FM-10001", "", "", "flow type %q is not one of %v", d.FlowType, flow.Types())
	}
	if len(d.Steps) == 0 {
		b.report("FM-10012", "", "", "the flow has no steps")
	}
	b.checkIDs()
	for i := range d.Steps {
		b.step(&d.Steps[i])
	}
	b.checkLinks()
	b.checkPurpose()
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	return b.graph, nil
}

// builder holds what one Compile has found so far.
type builder struct {
	*Compiler
	definition *flow.Definition
	names      Names
	graph      *Graph
	problems   flow.Problems
	// resends names, for the id of each RESEND, the button it repeats.
	resends map[string]string
}

func (b *builder) report(code, stepID, componentID, format string, args ...any) {
	b.problems = append(b.problems, flow.Problem{Code: code, Message: fmt.Sprintf(format, args...), StepID: stepID, ComponentID: componentID})
}

// checkIDs reports ids that are missing or stand for two things.
func (b *builder) checkIDs() {
	seen := map[string]bool{}
	claim := func(id, stepID, componentID string) {
		switch {
		case id == "":
			b.report("FM-10011", stepID, "", "a step or component has no id")
		case seen[id]:
			b.report("FM-10006", stepID, componentID, "id %q is used twice", id)
		}
		seen[id] = true
	}
	for i := range b.definition.Steps {
		s := &b.definition.Steps[i]
		claim(s.ID, s.ID, "")
		s.Walk(func(c *flow.Component) { claim(c.ID, s.ID, c.ID) })
	}
}

func (b *builder) step(s *flow.Step) {
	if strings.EqualFold(s.ID, flow.EndID) != (s.Type == flow.StepEnd) || (s.Type == flow.StepEnd && s.ID != flow.EndID) {
		b.report("RFM-60013", s.ID, "", "the step of type END, and no other, has the id END")
	}
	node := &step{id: s.ID, kind: s.Type}
	b.graph.steps[s.ID] = node
	switch s.Type {
	case flow.StepView:
		b.view(s, node)
	case flow.StepExecution:
		if s.Data == nil {
			b.report("RFM-60002", s.ID, "", "the step has no data")
			return
		}
		b.task(s, node)
		if len(node.actions) > 0 && node.actions[0].next == "" {
			b.report("FM-10011", s.ID, "", "the action's next cannot be empty")
		}
	case flow.StepEnd:
		if s.Data != nil && s.Data.Action != nil {
			b.task(s, node)
		}
	default:
		b.report("RFM-60001", s.ID, "", "step type %q is not VIEW, EXECUTION or END", s.Type)
		return
	}
	if s.Data != nil && len(s.Data.Components) > 0 {
		node.page = b.page(s, node)
	}
	for _, a := range node.actions {
		a.captcha = node.captcha
	}
	if s.Type == flow.StepExecution {
		node.press = pressPage(s.ID)
	}
}

// view reads the page's buttons and forms.
func (b *builder) view(s *flow.Step, node *step) {
	if s.Data == nil {
		b.report("RFM-60002", s.ID, "", "the step has no data")
		return
	}
	if len(s.Data.Components) == 0 {
		b.report("RFM-60003", s.ID, "", "a VIEW needs at least one component")
		return
	}
	if s.Data.Action != nil {
		b.report("RFM-60011", s.ID, "", "a VIEW has its actions on buttons, not on the step")
	}
	loose := &form{} // what stands outside of every FORM
	b.components(s, s.Data.Components, node, loose)
	b.closeForm(s, loose)
	b.repeat(node.actions, loose.resends)
	b.checkNames(s, node)
	if len(node.actions) == 0 {
		b.report("RFM-60004", s.ID, "", "the page has no button with an action, so nobody can go on")
	}
	executors := 0
	for _, a := range node.actions {
		if a.executor != nil {
			executors++
		}
	}
	// Those who design flows get by with one; a sign-in offers several ways.
	if node.several = executors > 1; node.several && b.definition.FlowType.Kind() != flow.Authentication {
		b.report("RFM-60007", s.ID, "", "%d buttons of the page run an executor; one may", executors)
	}
}

// form collects what belongs to one FORM while it is walked.
type form struct {
	inputs  []*input
	actions []*action
	resends []*flow.Component // those that found nothing to repeat yet
}

// components reads what the engine must know of the page. Everything on the
// page of a step without buttons of its own belongs to the step's one action.
func (b *builder) components(s *flow.Step, components []flow.Component, node *step, in *form) {
	for i := range components {
		c := &components[i]
		inner := in
		switch strings.ToUpper(c.Type) {
		case "FORM":
			if s.Type == flow.StepView {
				inner = &form{}
			}
		case "INPUT", "POLICY", "PREFERENCE":
			one := b.input(s, c)
			node.inputs = append(node.inputs, one)
			in.inputs = append(in.inputs, one)
		case "CAPTCHA":
			node.captcha = true
		case "BUTTON":
			if s.Type != flow.StepView {
				node.actions[0].names = append(node.actions[0].names, namesOf(c)...)
			} else if a := b.button(s, c); a != nil {
				node.actions = append(node.actions, a)
				in.actions = append(in.actions, a)
			}
		case "RESEND":
			in.resends = append(in.resends, c)
		}
		b.components(s, c.Components, node, inner)
		if inner != in {
			b.closeForm(s, inner)
			in.resends = append(in.resends, inner.resends...)
		}
	}
}

// closeForm gives each button of the form the form's inputs, and its RESENDs
// to the button they repeat.
func (b *builder) closeForm(s *flow.Step, f *form) {
	seen := map[string]string{}
	for _, one := range f.inputs {
		key := b.names.canonical(one.identifier)
		if other, twice := seen[key]; twice {
			b.report("FM-10006", s.ID, one.id, "the form asks for %q twice, also in %q", key, other)
		}
		seen[key] = one.id
	}
	for _, a := range f.actions {
		a.inputs = f.inputs
	}
	f.resends = b.repeat(f.actions, f.resends)
}

// repeat makes RESENDs stand for the one of the actions whose executor can
// send again. It returns them where there is none.
func (b *builder) repeat(actions []*action, resends []*flow.Component) []*flow.Component {
	i := slices.IndexFunc(actions, func(a *action) bool { return a.executor.reads(resend) })
	if i < 0 {
		return resends
	}
	for _, c := range resends {
		actions[i].resends = append(actions[i].resends, namesOf(c)...)
		if names := actions[i].names; len(names) > 0 {
			b.resends[c.ID] = names[len(names)-1]
		}
	}
	return nil
}

// namesOf is what a client may send for the component, last what it is told
// to.
func namesOf(c *flow.Component) []string {
	if c.ActionID == "" {
		return []string{c.ID}
	}
	return []string{c.ID, c.ActionID}
}

// checkNames reports what could mean either of two buttons of the page.
func (b *builder) checkNames(s *flow.Step, node *step) {
	owner := map[string]*action{}
	for _, a := range node.actions {
		for _, name := range a.names {
			if other := owner[name]; other != nil && other != a {
				b.report("FM-10006", s.ID, a.id, "the action id %q also stands for %q", name, other.id)
			}
			owner[name] = a
		}
	}
}

// consentInputs are the inputs that consent components write, whatever their
// config says.
var consentInputs = map[string]string{"POLICY": "consent", "PREFERENCE": "preference"}

// identifierOf is the key of the component's input.
func identifierOf(c *flow.Component) string {
	return cmp.Or(consentInputs[strings.ToUpper(c.Type)], c.Text("identifier"), c.Text("name"), c.ID)
}

func (b *builder) input(s *flow.Step, c *flow.Component) *input {
	identifier := identifierOf(c)
	if _, known := b.names(identifier); !known && strings.HasPrefix(identifier, flow.ClaimPrefix) {
		b.report("FM-10014", s.ID, c.ID, "there is no user attribute %q", identifier)
	}
	in := &input{
		id: c.ID, name: c.Text("name"), identifier: identifier, label: c.Text("label"),
		variant: strings.ToUpper(c.Variant), required: c.Flag("required"),
	}
	if raw, ok := c.Config["options"]; ok {
		in.options = optionValues(raw)
	}
	if identifier == consentInputs["POLICY"] {
		in.mandatory = mandatoryOf(c.Config["purposes"])
	}
	return in
}

func (b *builder) button(s *flow.Step, c *flow.Component) *action {
	if c.Action == nil {
		b.report("RFM-60004", s.ID, c.ID, "the button has no action")
		return nil
	}
	a := b.action(s, c.ID, c.Action)
	a.id, a.names = c.ID, namesOf(c)
	if a.next == "" {
		b.report("FM-10011", s.ID, c.ID, "the action's next cannot be empty")
	}
	return a
}

// task reads the action of a step without buttons.
func (b *builder) task(s *flow.Step, node *step) {
	switch {
	case s.Data.Action == nil:
		b.report("RFM-60010", s.ID, "", "the step has no action")
	case s.Data.Action.Type != flow.ActionExecutor:
		b.report("RFM-60011", s.ID, "", "an action of type %q is not allowed here; EXECUTOR is", s.Data.Action.Type)
	default:
		a := b.action(s, "", s.Data.Action)
		if s.Type == flow.StepEnd {
			a.next = ""
		}
		node.actions = []*action{a}
		all := &form{actions: node.actions}
		b.components(s, s.Data.Components, node, all)
		b.closeForm(s, all)
	}
}

// action reads an action. One that is refused still leads where it says, so
// that what follows is not reported as well.
func (b *builder) action(s *flow.Step, componentID string, a *flow.Action) *action {
	out := &action{next: a.Next}
	switch {
	case a.Type == flow.ActionNext:
	case a.Type != flow.ActionExecutor:
		b.report("RFM-60008", s.ID, componentID, "action type %q is not NEXT or EXECUTOR", a.Type)
	case a.Executor == nil || a.Executor.Name == "":
		b.report("RFM-60006", s.ID, componentID, "the action names no executor")
	default:
		out.executor = b.executor(s, componentID, a.Executor.Name, a.Executor.Meta)
	}
	return out
}

func (b *builder) executor(s *flow.Step, componentID, name string, meta flow.Meta) *bound {
	executor, ok := b.Executors[name]
	if !ok || !supports(&executor, b.definition.FlowType) {
		b.report("FM-10004", s.ID, componentID, "%q is not an executor that %s flows support", name, b.definition.FlowType)
		return nil
	}
	use, err := executor.Bind(meta)
	switch {
	case err != nil:
		b.report("FM-10007", s.ID, componentID, "%s: %v", name, err)
		use.Executor = executor
	case !supports(&use.Executor, b.definition.FlowType):
		b.report("FM-10007", s.ID, componentID, "%s: %s flows do not support what its properties say", name, b.definition.FlowType)
	}
	return &bound{use}
}

// supports tells whether the executor may be used in flows of the type.
func supports(e *flow.Executor, t flow.Type) bool {
	return e.Flows == nil || slices.Contains(e.Flows, t.Kind())
}
