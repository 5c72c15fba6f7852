package main

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"
)

// kept holds values in memory, each under a secret that only one browser has,
// in a cookie. It is safe for concurrent use.
type kept[T any] struct {
	name   string // of the cookie
	secure bool   // cookies are for HTTPS only

	mu     sync.Mutex
	values map[string]expiring[T]
}

type expiring[T any] struct {
	value T
	until time.Time
}

// keep stores the value for a while, under a fresh secret.
func (k *kept[T]) keep(w http.ResponseWriter, value T, life time.Duration) {
	secret, now := rand.Text(), time.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.values == nil {
		k.values = map[string]expiring[T]{}
	}
	for old, v := range k.values {
		if now.After(v.until) {
			delete(k.values, old)
		}
	}
	k.values[secret] = expiring[T]{value, now.Add(life)}
	http.SetCookie(w, k.cookie(secret, life))
}

// find returns the browser's value, if it has one.
func (k *kept[T]) find(r *http.Request) (T, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.values[k.secret(r)]
	if !ok || time.Now().After(v.until) {
		return *new(T), false
	}
	return v.value, true
}

// take is find, and forgets the value.
func (k *kept[T]) take(w http.ResponseWriter, r *http.Request) (T, bool) {
	v, ok := k.find(r)
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.values, k.secret(r))
	http.SetCookie(w, k.cookie("", -time.Second))
	return v, ok
}

func (k *kept[T]) secret(r *http.Request) string {
	c, err := r.Cookie(k.cookie("", 0).Name)
	if err != nil {
		return ""
	}
	return c.Value
}

// cookie is out of reach of scripts, and of what other sites post here.
func (k *kept[T]) cookie(secret string, life time.Duration) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // G124: a trial on localhost is without TLS
		Name: k.name, Value: secret, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: k.secure,
	}
	if k.secure {
		c.Name = "__Host-" + k.name
	}
	return c
}
