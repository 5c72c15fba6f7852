package accountapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"usher/connection"
	"usher/httpapi"
	"usher/identity"
)

// proofs is what a user can sign in by.
type proofs struct {
	Password bool      `json:"password"` // whether there is one
	Passkeys []passkey `json:"passkeys"`
	Accounts []account `json:"accounts"`
}

// passkey says of one what tells it from others, and no key.
type passkey struct {
	ID      string    `json:"id"`
	Domain  string    `json:"domain"` // it works for
	Created time.Time `json:"created"`
	// Used is when it was used last, absent where it never was.
	Used time.Time `json:"used,omitzero"`
	// Synced says that it is kept on several devices, Syncable that it can be.
	Synced   bool `json:"synced"`
	Syncable bool `json:"syncable"`
	// Provider is what keeps it, as far as that is known and well known.
	Provider string `json:"provider,omitempty"`
}

// account is one at a provider.
type account struct {
	ID         string `json:"id"`
	Connection string `json:"connection"` // its name, as it was last where it is gone
	// Subject is what the provider calls the person.
	Subject string    `json:"subject"`
	Linked  time.Time `json:"linked,omitzero"`
}

func (a *API) proofs(w http.ResponseWriter, r *http.Request) error {
	ctx, tenant, user := r.Context(), httpapi.Tenant(r), r.PathValue("id")
	out := proofs{Passkeys: []passkey{}, Accounts: []account{}}
	passwords, err := a.Users.ListCredentials(ctx, tenant, user, identity.CredentialPassword)
	if err != nil {
		return err
	}
	out.Password = len(passwords) > 0
	passkeys, err := a.Users.ListCredentials(ctx, tenant, user, identity.CredentialPasskey)
	if err != nil {
		return err
	}
	for _, c := range passkeys {
		one, err := readPasskey(c)
		if err != nil {
			return err
		}
		out.Passkeys = append(out.Passkeys, one)
	}
	links, err := a.Users.ListCredentials(ctx, tenant, user, identity.CredentialFederated)
	if err != nil {
		return err
	}
	var connections []connection.Connection
	if len(links) > 0 {
		if connections, err = a.Connections.ListConnections(ctx, tenant); err != nil {
			return err
		}
	}
	for _, c := range links {
		one, err := readAccount(c, connections)
		if err != nil {
			return err
		}
		out.Accounts = append(out.Accounts, one)
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

func readPasskey(c identity.Credential) (passkey, error) {
	var data struct {
		RPID           string    `json:"rpId"`
		AAGUID         []byte    `json:"aaguid"`
		BackupState    bool      `json:"backupState"`
		BackupEligible bool      `json:"backupEligible"`
		Created        time.Time `json:"created"`
		Used           time.Time `json:"used"`
	}
	if err := json.Unmarshal([]byte(c.Data), &data); err != nil {
		return passkey{}, fmt.Errorf("stored passkey: %w", err)
	}
	return passkey{
		ID: c.ID, Domain: data.RPID, Created: data.Created, Used: data.Used,
		Synced: data.BackupState, Syncable: data.BackupEligible, Provider: provider(data.AAGUID),
	}, nil
}

func readAccount(c identity.Credential, connections []connection.Connection) (account, error) {
	var data struct {
		Name    string    `json:"name"`
		Subject string    `json:"subject"`
		At      time.Time `json:"at"`
	}
	if err := json.Unmarshal([]byte(c.Data), &data); err != nil {
		return account{}, fmt.Errorf("stored link: %w", err)
	}
	id, _, _ := strings.Cut(c.ID, "/")
	one := account{ID: accountID(c.ID), Connection: data.Name, Subject: data.Subject, Linked: data.At}
	for i := range connections {
		if connections[i].ID == id {
			one.Connection = connections[i].Name
		}
	}
	return one, nil
}

// accountID is the credential's id as one segment of a path.
func accountID(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

func (a *API) dropPasskey(w http.ResponseWriter, r *http.Request) error {
	return a.drop(w, r, identity.CredentialPasskey, r.PathValue("passkey"), "user.passkey.removed")
}

func (a *API) dropAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := base64.RawURLEncoding.DecodeString(r.PathValue("account"))
	if err != nil {
		return identity.ErrNoCredential
	}
	return a.drop(w, r, identity.CredentialFederated, string(id), "user.account.unlinked")
}

// drop takes the credential away for good: whoever uses it in this moment does
// not bring it back. Who signed in by it stays signed in.
func (a *API) drop(w http.ResponseWriter, r *http.Request, kind, id, done string) error {
	ctx, tenant, user := r.Context(), httpapi.Tenant(r), r.PathValue("id")
	list, err := a.Users.ListCredentials(ctx, tenant, user, kind)
	if err != nil {
		return err
	}
	there := false
	for _, c := range list {
		there = there || c.ID == id
	}
	if !there {
		return identity.ErrNoCredential
	}
	_, err = a.Users.UpdateUser(a.Changes.Along(r, done, user, nil), tenant, user, func(*identity.User) error { return nil },
		identity.Along{Drop: []identity.Credential{{Kind: kind, ID: id}}})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
