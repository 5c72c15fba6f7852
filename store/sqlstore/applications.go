package sqlstore

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"usher/application"
	"usher/identity"
)

// CreateApplication implements application.Applications.
func (s *Store) CreateApplication(ctx context.Context, a *application.Application) (*application.Application, error) {
	if a.ID == "" || a.Tenant == "" || a.Client.ID == "" {
		return nil, errors.New("application without tenant, id or client id")
	}
	created := cloneApplication(a)
	created.Revision = 1
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		if err := applicationTaken(tx, created, ""); err != nil {
			return err
		}
		if err := insertApplication(tx, created); err != nil {
			return err
		}
		return insertOrigins(tx, created)
	})
	s.forgetApplications()
	if err != nil {
		return nil, err
	}
	return created, nil
}

// UpdateApplication implements application.Applications.
func (s *Store) UpdateApplication(ctx context.Context, tenant, id string, change func(*application.Application) error) (*application.Application, error) {
	var changed *application.Application
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		old, err := findApplication(tx, `id = $2`+s.dialect.ForUpdate, tenant, id)
		if err != nil {
			return err
		}
		changed = old.Clone()
		if err := change(changed); err != nil {
			return err
		}
		changed = cloneApplication(changed)
		changed.Tenant, changed.ID, changed.Created, changed.Revision = old.Tenant, old.ID, old.Created, old.Revision
		if reflect.DeepEqual(changed, old) {
			return nil
		}
		changed.Revision++
		return replaceApplication(tx, old, changed)
	})
	s.forgetApplications()
	if err != nil {
		return nil, err
	}
	return changed, nil
}

func replaceApplication(tx Tx, old, changed *application.Application) error {
	if changed.Client.ID == "" {
		return errors.New("application without client id")
	}
	if err := applicationTaken(tx, changed, changed.ID); err != nil {
		return err
	}
	if err := updateApplication(tx, changed); err != nil {
		return err
	}
	if slices.Equal(old.Client.Origins, changed.Client.Origins) {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM application_origins WHERE tenant = $1 AND application = $2`, changed.Tenant, changed.ID)
	if err != nil {
		return err
	}
	return insertOrigins(tx, changed)
}

// applicationTaken says which of what is unique an application other than
// exceptID has. What becomes taken afterwards is refused by the database.
func applicationTaken(tx Tx, a *application.Application, exceptID string) error {
	for _, unique := range []struct {
		column, value string
		taken         error
	}{
		{"name_key", identity.ValueKey(a.Name), application.ErrNameTaken},
		{"client_id", a.Client.ID, application.ErrClientTaken},
	} {
		var one int
		err := queryRow(tx, `SELECT 1 FROM applications WHERE tenant = $1 AND `+unique.column+` = $2 AND id <> $3`,
			[]any{a.Tenant, unique.value, exceptID}, &one)
		if err == nil {
			return unique.taken
		}
		if !errors.Is(err, errNoRow) {
			return err
		}
	}
	return nil
}

// DeleteApplication implements application.Applications. Its origins, branding,
// requests and grants go with the row.
func (s *Store) DeleteApplication(ctx context.Context, tenant, id string) error {
	err := s.db.Write(ctx, Durable, func(tx Tx) error {
		n, err := tx.Exec(`DELETE FROM applications WHERE tenant = $1 AND id = $2`, tenant, id)
		if err == nil && n == 0 {
			return application.ErrNotFound
		}
		return err
	})
	s.forgetApplications()
	s.forgetBranding()
	return err
}

// FindApplication implements application.Applications.
func (s *Store) FindApplication(ctx context.Context, tenant, id string) (*application.Application, error) {
	return s.readApplication(ctx, `id = $2`, tenant, id)
}

// FindClient implements application.Applications.
func (s *Store) FindClient(ctx context.Context, tenant, clientID string) (*application.Application, error) {
	return s.readApplication(ctx, `client_id = $2`, tenant, clientID)
}

// applicationKey is what applications are looked up by all the time.
type applicationKey struct{ condition, tenant, value string }

func (s *Store) readApplication(ctx context.Context, condition, tenant, value string) (*application.Application, error) {
	a, err := s.applications.get(applicationKey{condition, tenant, value}, func() (a *application.Application, err error) {
		err = s.db.Read(ctx, func(tx Tx) (err error) {
			a, err = findApplication(tx, condition, tenant, value)
			return err
		})
		return a, err
	})
	if err != nil {
		return nil, err
	}
	return a.Clone(), nil
}

func (s *Store) forgetApplications() {
	s.applications.forgetAll()
	s.origins.forgetAll()
}

// ListApplications implements application.Applications.
func (s *Store) ListApplications(ctx context.Context, tenant string, offset, limit int) ([]application.Application, int, error) {
	var page []application.Application
	var total int
	err := s.db.Read(ctx, func(tx Tx) error {
		page = nil
		if err := queryRow(tx, `SELECT count(*) FROM applications WHERE tenant = $1`, []any{tenant}, &total); err != nil {
			return err
		}
		return tx.Query(`SELECT `+applicationColumns+` FROM applications WHERE tenant = $1 ORDER BY name_key LIMIT $2 OFFSET $3`,
			[]any{tenant, max(limit, 0), max(offset, 0)}, func(r Row) error {
				a, err := scanApplication(r)
				if err == nil {
					page = append(page, *a)
				}
				return err
			})
	})
	return page, total, err
}

// maxOrigin is how many bytes an origin may have to be remembered, because
// they come from strangers.
const maxOrigin = 512

// OriginAllowed implements application.Applications.
func (s *Store) OriginAllowed(ctx context.Context, origin string) (bool, error) {
	read := func() (bool, error) { return s.readOrigin(ctx, origin) }
	if len(origin) > maxOrigin {
		return read()
	}
	return s.origins.get(origin, read)
}

func (s *Store) readOrigin(ctx context.Context, origin string) (bool, error) {
	err := s.db.Read(ctx, func(tx Tx) error {
		var one int
		return queryRow(tx, `SELECT 1 FROM application_origins WHERE origin = $1 LIMIT 1`, []any{origin}, &one)
	})
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

func insertOrigins(tx Tx, a *application.Application) error {
	for _, origin := range a.Client.Origins {
		_, err := tx.Exec(`INSERT INTO application_origins (origin, tenant, application) VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, origin, a.Tenant, a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}
