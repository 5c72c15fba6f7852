package extensionapi

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"usher/connection"
	"usher/connection/extension"
)

// answer is an extension on the wire.
type answer struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	IconURL     string   `json:"iconUrl"`
	Endpoint    endpoint `json:"endpoint"`
	Access      access   `json:"accessConfig"`
	// Encryption is there when there is a certificate, which is not told.
	Encryption *struct{} `json:"encryption,omitzero"`
	Created    time.Time `json:"createdAt"`
	Updated    time.Time `json:"updatedAt"`
}

type endpoint struct {
	URI            string         `json:"uri"`
	Authentication authentication `json:"authentication"`
	AllowedHeaders []string       `json:"allowedHeaders"`
}

// authentication has its properties in what is sent only.
type authentication struct {
	Type       extension.AuthType `json:"type"`
	Properties map[string]string  `json:"properties,omitempty"`
}

// access are lists of paths. One that is not in what is sent stays.
type access struct {
	Expose []extension.Path `json:"expose"`
	Modify []extension.Path `json:"modify"`
}

// change is the body of a PATCH, and that of a POST: a change of an extension of
// which nothing is known. What is absent, or null, stays.
type change struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	IconURL     *string `json:"iconUrl"`
	// Version is what clients send that know several; there is one.
	Version  *string `json:"version"`
	Endpoint *struct {
		URI            *string         `json:"uri"`
		Authentication *authentication `json:"authentication"`
		AllowedHeaders []string        `json:"allowedHeaders"`
	} `json:"endpoint"`
	Access     *access `json:"accessConfig"`
	Encryption *struct {
		Certificate *string `json:"certificate"` // base64 of PEM
	} `json:"encryption"`
}

// wire is the extension that the connection is.
func wire(c *connection.Connection) (answer, error) {
	e, err := extension.Of(c)
	if err != nil {
		return answer{}, err
	}
	out := answer{
		ID: c.ID, Name: c.Name, Description: c.Description, IconURL: e.IconURL,
		Endpoint: endpointOf(e), Access: accessOf(e), Created: c.Created.UTC(), Updated: c.Modified.UTC(),
	}
	if e.Certificate != "" {
		out.Encryption = &struct{}{}
	}
	return out, nil
}

func endpointOf(e *extension.Extension) endpoint {
	return endpoint{URI: e.Endpoint.URI, Authentication: authentication{Type: e.Endpoint.Auth}, AllowedHeaders: append([]string{}, e.Endpoint.AllowedHeaders...)}
}

func accessOf(e *extension.Extension) access {
	return access{append([]extension.Path{}, e.Expose...), append([]extension.Path{}, e.Modify...)}
}

// entry is what the audit log holds of an extension.
type entry struct {
	Name              string   `json:"name"`
	Description       string   `json:"description"`
	IconURL           string   `json:"iconUrl"`
	Endpoint          endpoint `json:"endpoint"`
	Access            access   `json:"accessConfig"`
	CertificateSHA256 string   `json:"certificateSha256,omitempty"` // of the PEM
	SecretsSent       []string `json:"secretsSent,omitempty"`
}

func shown(c *connection.Connection, sent []string) any {
	if c == nil {
		return nil
	}
	e, err := extension.Of(c)
	if err != nil {
		e = &extension.Extension{} // damaged; it can still be deleted
	}
	out := entry{c.Name, c.Description, e.IconURL, endpointOf(e), accessOf(e), "", sent}
	if e.Certificate != "" {
		digest := sha256.Sum256([]byte(e.Certificate))
		out.CertificateSHA256 = hex.EncodeToString(digest[:])
	}
	return out
}
