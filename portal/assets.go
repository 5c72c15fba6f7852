package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
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
	files               map[string]asset
}

type asset struct {
	contentType   string
	plain, zipped []byte
}

var assets = sync.OnceValue(func() *assetSet {
	s := &assetSet{files: map[string]asset{}}
	add := func(content []byte, extension, contentType string) string {
		name := digest(content) + extension
		s.files[name] = asset{contentType, content, zip(content)}
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

func zip(content []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // a level that exists, a buffer that takes everything
	}
	return out.Bytes()
}

// serveAsset serves one of the files.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	file, ok := assets().files[r.PathValue("name")]
	if !ok {
		noFile(w)
		return
	}
	file.serve(w, r, true)
}

func noFile(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	http.Error(w, "no such file", http.StatusNotFound)
}

// serve sends the file, for good where its address will never be another's.
func (a asset) serve(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-store")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	body := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	w.Write(body) //nolint:errcheck // the client has gone
}
