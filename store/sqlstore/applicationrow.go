package sqlstore

import (
	"fmt"
	"time"

	"usher/application"
	"usher/identity"
)

const applicationColumns = `tenant, id, name, description, access_url, client, login, created, modified, revision`

// storedClient is application.Client as JSON: the names are those in the
// database, whatever becomes of the fields.
type storedClient struct {
	ID                  string        `json:"id"`
	Public              bool          `json:"public"`
	SecretDigest        string        `json:"secretDigest"`
	RedirectURIs        []string      `json:"redirectUris"`
	PostLogoutURIs      []string      `json:"postLogoutUris"`
	Origins             []string      `json:"origins"`
	Grants              []string      `json:"grants"`
	Scopes              []string      `json:"scopes"`
	RequirePKCE         bool          `json:"requirePkce"`
	Direct              bool          `json:"direct"`
	LoginPage           string        `json:"loginPage"`
	TokenEndpointIssuer bool          `json:"tokenEndpointIssuer"`
	IDTokenAlgorithm    string        `json:"idTokenAlgorithm"`
	JWTAccessToken      bool          `json:"jwtAccessToken"`
	AccessTokenLife     time.Duration `json:"accessTokenLife"` // nanoseconds
	IDTokenLife         time.Duration `json:"idTokenLife"`
	RefreshTokenLife    time.Duration `json:"refreshTokenLife"`
}

// findApplication returns the tenant's application for which the condition on
// $2 holds.
func findApplication(tx Tx, condition, tenant, value string) (a *application.Application, err error) {
	err = tx.Query(`SELECT `+applicationColumns+` FROM applications WHERE tenant = $1 AND `+condition, []any{tenant, value},
		func(r Row) (err error) {
			a, err = scanApplication(r)
			return err
		})
	if err == nil && a == nil {
		err = application.ErrNotFound
	}
	return a, err
}

// scanApplication reads applicationColumns.
func scanApplication(r Row) (*application.Application, error) {
	var a application.Application
	var client storedClient
	var clientJSON, login string
	err := r.Scan(&a.Tenant, &a.ID, &a.Name, &a.Description, &a.AccessURL, &clientJSON, &login, &a.Created, &a.Modified, &a.Revision)
	if err != nil {
		return nil, err
	}
	if err := decode(column{clientJSON, &client}, column{login, &a.Login}); err != nil {
		return nil, fmt.Errorf("stored application %s: %w", a.ID, err)
	}
	a.Client = application.Client(client)
	return &a, nil
}

func insertApplication(tx Tx, a *application.Application) error {
	var e encoder
	args := []any{
		a.Tenant, a.ID, a.Name, identity.ValueKey(a.Name), a.Description, a.AccessURL,
		a.Client.ID, e.json(storedClient(a.Client)), e.json(a.Login), a.Created, a.Modified, a.Revision,
	}
	if e.err != nil {
		return e.err
	}
	_, err := tx.Exec(`INSERT INTO applications (tenant, id, name, name_key, description, access_url,
		client_id, client, login, created, modified, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, args...)
	return err
}

func updateApplication(tx Tx, a *application.Application) error {
	var e encoder
	args := []any{
		a.Name, identity.ValueKey(a.Name), a.Description, a.AccessURL,
		a.Client.ID, e.json(storedClient(a.Client)), e.json(a.Login), a.Modified, a.Revision, a.Tenant, a.ID,
	}
	if e.err != nil {
		return e.err
	}
	_, err := tx.Exec(`UPDATE applications SET name = $1, name_key = $2, description = $3, access_url = $4,
		client_id = $5, client = $6, login = $7, modified = $8, revision = $9
		WHERE tenant = $10 AND id = $11`, args...)
	return err
}

// cloneApplication returns a copy that shares nothing with a, its times as
// they are stored.
func cloneApplication(a *application.Application) *application.Application {
	c := a.Clone()
	c.Created, c.Modified = stored(a.Created), stored(a.Modified)
	return c
}
