package sandbox

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"usher/store"
)

// Config is what sandboxes are made with. Open and Build are needed; the zero
// value of the others is replaced by a default.
type Config struct {
	// Open opens an empty store in memory that may hold so many bytes.
	Open func(ctx context.Context, maxBytes int) (store.Store, error)
	// Build makes what runs in a world.
	Build func(World) (*Machine, error)
	// Life is how long a sandbox lives, in real time; 15 min.
	Life time.Duration
	// PerTenant and Total bound how many there are at one time; 4 and 32.
	PerTenant, Total int
	Log              *slog.Logger
}

// building bounds how many sandboxes are made at one time.
const building = 2

// Registry has all sandboxes of the process. It is safe for concurrent use.
type Registry struct {
	Config
	slots chan struct{} // a value for each sandbox being made

	mu  sync.Mutex
	all []*Sandbox // the oldest first
}

// NewRegistry returns a registry without sandboxes.
func NewRegistry(c Config) *Registry {
	if c.Life <= 0 {
		c.Life = 15 * time.Minute
	}
	if c.PerTenant <= 0 {
		c.PerTenant = 4
	}
	if c.Total <= 0 {
		c.Total = 32
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Registry{Config: c, slots: make(chan struct{}, building)}
}

// New makes a sandbox. Where there are as many as there may be, of the tenant
// or in all, the oldest of those goes. The error is flow.Problems where the
// definition cannot run, or a *UserError.
func (r *Registry) New(ctx context.Context, plan *Plan) (*Sandbox, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, err := newSandbox(ctx, &r.Config, plan)
	if err != nil {
		return nil, err
	}
	r.close(r.add(s)...)
	return s, nil
}

// add adds the sandbox and returns those that had to go for it.
func (r *Registry) add(s *Sandbox) (gone []*Sandbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := func(other *Sandbox) bool { return other.Tenant == s.Tenant }
	count := 0
	for _, other := range r.all {
		if of(other) {
			count++
		}
	}
	if count >= r.PerTenant {
		i := slices.IndexFunc(r.all, of)
		gone = append(gone, r.all[i])
		r.all = slices.Delete(r.all, i, i+1)
	}
	if len(r.all) >= r.Total {
		gone = append(gone, r.all[0])
		r.all = slices.Delete(r.all, 0, 1)
	}
	r.all = append(r.all, s)
	s.timer = time.AfterFunc(r.Life, func() { r.close(r.remove(s)) })
	return gone
}

// remove takes the sandbox out and returns it, nil where it has gone already.
func (r *Registry) remove(s *Sandbox) *Sandbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.all, s)
	if i < 0 {
		return nil
	}
	r.all = slices.Delete(r.all, i, i+1)
	return s
}

// close ends sandboxes that were taken out.
func (r *Registry) close(gone ...*Sandbox) {
	for _, s := range gone {
		if s == nil {
			continue
		}
		s.timer.Stop()
		if err := s.close(); err != nil {
			r.Log.Error("sandbox cannot be closed", "error", err)
		}
	}
}

// Find returns the tenant's sandbox, or ErrGone.
func (r *Registry) Find(tenant, id string) (*Sandbox, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.all {
		if s.ID == id && s.Tenant == tenant {
			return s, nil
		}
	}
	return nil, ErrGone
}

// Delete ends the tenant's sandbox. One that has gone is ErrGone.
func (r *Registry) Delete(tenant, id string) error {
	s, err := r.Find(tenant, id)
	if err != nil {
		return err
	}
	if s = r.remove(s); s == nil {
		return ErrGone
	}
	r.close(s)
	return nil
}

// Len returns how many sandboxes there are.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}
