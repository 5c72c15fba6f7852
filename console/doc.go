// Package console serves the pages where administrators work (/console/) and
// keeps the OAuth client that those sign in as.
//
// The pages are one script: its sources are in src, and what Vite makes of
// them in dist, which is part of the repository, so that building the server
// needs nothing but Go. scripts/check-console proves that dist is what the
// sources say. The script holds no right of its own: it calls the management
// APIs with the token of whoever has signed in.
package console

//go:generate ../scripts/console-types
