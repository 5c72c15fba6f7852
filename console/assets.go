package console

import (
	"embed"
	"net/http"
	"path"
	"sync"

	"usher/httpapi"
)

//go:embed all:dist
var dist embed.FS

// built is what Vite has made. The names of assets change with their content,
// so that browsers need never ask again.
type built struct {
	page   []byte
	assets map[string]httpapi.Asset
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
	b := &built{page: page, assets: map[string]httpapi.Asset{}}
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
		b.assets[entry.Name()] = httpapi.NewAsset(contentType, content)
	}
	return b
})

// serveAsset serves one of the files.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	file, ok := files().assets[r.PathValue("name")]
	if !ok {
		httpapi.NoAsset(w)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'") // for a picture opened by itself
	file.Serve(w, r, true)
}
