package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Executor is the unit of work a step can run. Make one with Define; list it
// in cmd/usher. What it declares here is all that the engine, the management
// API and the builder know of it.
type Executor struct {
	// Name is stored in definitions; it never changes.
	Name string
	// Label is what people who design flows call it, in a few words.
	Label string
	// Summary is one sentence for the builder's palette.
	Summary string
	// Icon is the name of a picture of it in the set Lucide. It is a hint:
	// clients that do not have it draw another.
	Icon string
	// Flows are the types it may be used in; nil means any.
	Flows []Type
	// Fields are the only inputs it is ever given.
	Fields []Field
	// Proves are the methods a successful run may prove.
	Proves []Method
	// Identifies says that a successful run proves that the person is the user
	// the flow is about (a code that reached them, a passkey).
	Identifies bool
	// NeedsIdentity says that a run changes an existing user. In flows about
	// existing users every path to it must pass an executor that Identifies.
	NeedsIdentity bool
	// OnPress says that the executor runs only once its button is pressed, not
	// already when the page is shown: it takes the person elsewhere.
	OnPress bool
	// Connection is the key of its meta that names the connection it uses, of
	// the kind Name; "" when it uses none. Without that key it uses the only
	// connection of the kind. Define fills it in.
	Connection string
	// Schema describes its meta. Define fills it in.
	Schema *Schema
	// CodeLength is the number of characters of the code it asks for, 0 when
	// it asks for none; clients draw that many boxes.
	CodeLength int
	// Bind checks the meta of one use of the executor and returns that use.
	// The error is for the administrator.
	Bind func(Meta) (Bound, error)
}

// Field is an input an executor reads.
type Field struct {
	// Identifier is the canonical name: a claim's URI or a plain word.
	Identifier string
	// Secret values are never stored and never echoed.
	Secret bool
	// MaxBytes bounds its value; 0 means 8 KiB.
	MaxBytes int
	// Label and Variant say how a page asks for it: what people read, and the
	// variant of the INPUT. Both are "" for what nobody enters, because it comes
	// from a link, a device or another server.
	Label, Variant string
}

// Place is where a definition may have an executor run.
type Place string

const (
	PlaceButton Place = "BUTTON"    // when a button of a page is pressed
	PlaceStep   Place = "EXECUTION" // at a step that needs no page
	PlaceEnd    Place = "END"       // when the flow ends
)

// Places lists where the executor does its work without more. A step on its
// own can ask nobody for anything that is entered; what has the person do
// something is too late once the flow ends.
func (e *Executor) Places() []Place {
	places := []Place{PlaceButton}
	if !slices.ContainsFunc(e.Fields, func(f Field) bool { return f.Variant != "" }) {
		places = append(places, PlaceStep)
	}
	if len(e.Fields) == 0 && !e.OnPress {
		places = append(places, PlaceEnd)
	}
	return places
}

// Bound is one use of an executor. It declares what the executor does, unless
// its meta says otherwise; see Declarer.
type Bound struct {
	Executor
	// Run runs the step once. It is what Define makes of a typed step
	// function; the engine calls it.
	Run func(context.Context, *Call) (Result, error)
}

// Declarer is a configuration that decides what the executor is. Declare
// changes the declaration for a use with this configuration: its Flows, Proves,
// Identifies and NeedsIdentity.
type Declarer interface{ Declare(*Executor) }

// Call is one run of a step as the engine sees it. State goes in as stored
// and comes out as it is to be stored.
type Call struct {
	State json.RawMessage
	Visit
}

// Visit is what every run of an executor may look at.
type Visit struct {
	Tenant string
	// Flow is the Kind of the flow.
	Flow Type
	// Settings are the completion settings the execution started with.
	Settings Settings
	// Application is the id of the application the person came from, or "".
	Application string
	// SignIn is the sessionDataKey of the sign-in that a flow of the kind
	// Authentication is for, else "".
	SignIn string
	// Locale is the person's preferred language as a BCP 47 list, as in
	// Accept-Language.
	Locale string
	// Now is the time of this request, UTC.
	Now time.Time
	// Values holds the declared Fields that were submitted. It is empty when
	// the step is prepared, before its page is shown for the first time.
	Values map[string]string
	// Submitted is false while the step is prepared.
	Submitted bool
	// Page tells whether the step has a page of its own; an Ask of a step
	// without one leads back to an earlier page.
	Page bool
	// Link tells whether the request came under a flow id of NewLink's, and so
	// perhaps from another browser than the one the flow began in.
	Link bool
	// NewLink returns a flow id for a link to this execution. It is good only
	// at a step that reads MagicToken, and at later ones if that step let it
	// through; it does not tell the execution's own id.
	NewLink func() string
	// Correlation returns a name of the execution to tell other parties: the same
	// at each of its steps, and no flow id.
	Correlation func() string
	// Header returns a header of the request as the client sent it, "" for none;
	// nil where it came without any. It is stored nowhere.
	Header func(name string) string
	// Subject is who the flow is about. What a step changes is kept when it
	// answers with a Result, and dropped when it returns an error.
	Subject *Subject

	key    string
	secret func(label string) []byte
}

// MagicToken is the input that the token of a link is submitted in.
const MagicToken = "mlt"

// NewVisit returns a visit with the key and secret source that the engine
// gives it; package executortest uses it as well.
func NewVisit(v Visit, key string, secret func(label string) []byte) Visit {
	v.key, v.secret = key, secret
	return v
}

// Key identifies this visit of the step. It is the same for every rerun of the
// visit, also after a crash, and differs for every other visit. Hand it, with
// a suffix where a visit has several effects, to whatever must happen once.
func (v *Visit) Key() string { return v.key }

// Secret returns 32 bytes that only this server can know, the same for every
// rerun of this visit with the same label. Codes are made from it, so that a
// rerun makes the same code and none needs to be stored.
func (v *Visit) Secret(label string) []byte { return v.secret(label) }

// Turn is a Visit with the configuration and the private state of the step.
type Turn[C, S any] struct {
	Visit
	Config C
	// State is what this step remembers between requests of one visit. It is
	// sealed at rest and nothing else can read it.
	State *S
}

// Define makes an Executor from its declaration, its default configuration C
// (a struct of string, bool and int fields with json tags) and a step function
// with private state S. The fields' tags title and doc become the title and the
// description in the schema. The tag enum lists the values of a string, split by
// commas, and names what people call them; the tag format has one of the
// Formats, which for "connection" also makes the property the Connection.
//
// The step function answers a person's mistake with Ask and a fault with an
// error. It may run again for the same visit when a process died or an answer
// was lost, so effects take the visit's Key. It starts no goroutine.
func Define[C, S any](d Executor, defaults C, step func(context.Context, *Turn[C, S]) (Result, error)) Executor {
	d.Schema = schemaOf(defaults)
	d.Connection = connectionOf(d.Schema)
	d.Bind = func(meta Meta) (Bound, error) {
		config := defaults
		if err := decodeMeta(meta, &config); err != nil {
			return Bound{}, err
		}
		use := d
		if c, ok := any(config).(Declarer); ok {
			c.Declare(&use)
		}
		return Bound{use, func(ctx context.Context, call *Call) (Result, error) {
			turn := Turn[C, S]{Visit: call.Visit, Config: config, State: new(S)}
			if len(call.State) > 0 {
				if err := json.Unmarshal(call.State, turn.State); err != nil {
					return nil, fmt.Errorf("%s: read own state: %w", d.Name, err)
				}
			}
			result, err := step(ctx, &turn)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.Name, err)
			}
			if call.State, err = json.Marshal(turn.State); err != nil {
				return nil, fmt.Errorf("%s: write own state: %w", d.Name, err)
			}
			return result, nil
		}}, nil
	}
	return d
}
