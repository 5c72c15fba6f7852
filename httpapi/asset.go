package httpapi

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// Asset is a file that pages load.
type Asset struct {
	contentType string
	Plain       []byte
	// Zipped returns it in gzip, made when somebody first asks for it.
	Zipped func() []byte
}

// NewAsset returns the asset; the content stays as it is.
func NewAsset(contentType string, content []byte) Asset {
	return Asset{contentType, content, sync.OnceValue(func() []byte { return zip(content) })}
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

// Serve sends the file, for good where its address will never be another's, to
// pages of this origin.
func (a Asset) Serve(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-store")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	body := a.Plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.Zipped()
	}
	_, _ = w.Write(body) // the client may have gone
}

// NoAsset says that there is no such file.
func NoAsset(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	http.Error(w, "no such file", http.StatusNotFound)
}
