package portal

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"sync"

	"usher/httpapi"
)

//go:embed style.css
var style []byte

//go:embed script.js
var script []byte

// icon is a door, ajar.
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3.5" fill="#1a56db"/><path d="M5 3.5h6v9H5z" fill="none" stroke="#fff" stroke-width="1.25"/><path d="M5 3.5l4 1.5v9l-4-1.5z" fill="#fff"/></svg>`

// assetSet is the files that pages load. Their names change with their
// content, so that browsers need never ask again.
type assetSet struct {
	Style, Script, Icon string
	files               map[string]httpapi.Asset
}

var assets = sync.OnceValue(func() *assetSet {
	s := &assetSet{files: map[string]httpapi.Asset{}}
	add := func(content []byte, extension, contentType string) string {
		name := digest(content) + extension
		s.files[name] = httpapi.NewAsset(contentType, content)
		return name
	}
	s.Style = add(style, ".css", cssType)
	s.Script = add(script, ".js", "text/javascript; charset=utf-8")
	s.Icon = add([]byte(icon), ".svg", "image/svg+xml")
	return s
})

const cssType = "text/css; charset=utf-8"

// digest tells one content from another in a file's name.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// serveAsset serves one of the files.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	file, ok := assets().files[r.PathValue("name")]
	if !ok {
		httpapi.NoAsset(w)
		return
	}
	file.Serve(w, r, true)
}
