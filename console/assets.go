package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// built is what Vite has made. The names of assets change with their content,
// so that browsers need never ask again.
type built struct {
	page   []byte
	assets map[string]asset
}

type asset struct {
	contentType string
	plain       []byte
	zipped      func() []byte // made when somebody asks for it
}

// contentTypes are those of the files there are. They are not left to the
// tables of the machine.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".md":  "text/plain; charset=utf-8",
	".svg": "image/svg+xml",
}

var files = sync.OnceValue(func() *built {
	page, err := dist.ReadFile("dist/index.html")
	if err != nil {
		panic(err) // embedded
	}
	b := &built{page: page, assets: map[string]asset{}}
	entries, err := dist.ReadDir("dist/assets")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		content, err := dist.ReadFile("dist/assets/" + entry.Name())
		contentType := contentTypes[path.Ext(entry.Name())]
		if err != nil || contentType == "" {
			panic("console: what is dist/assets/" + entry.Name() + "?") // embedded, so a test finds it
		}
		b.assets[entry.Name()] = asset{contentType, content, sync.OnceValue(func() []byte { return zip(content) })}
	}
	return b
})

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
	file, ok := files().assets[r.PathValue("name")]
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if !ok {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	h.Set("Content-Type", file.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Security-Policy", "default-src 'none'") // for a picture opened by itself
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped()
	}
	_, _ = w.Write(body) // the client may have gone
}
