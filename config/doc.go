// Package config reads and checks the server's settings.
//
// One struct, Config, holds them all. One rule names them: a setting is a
// flag, an environment variable and a key of the config file,
//
//	--listen-addr = USHER_LISTEN_ADDR = listen_addr
//
// and a flag wins over a variable, a variable over the file, the file over the
// default. Nothing is ignored: an unknown variable or key, and a setting that
// this release cannot honour, is refused. Load and Validate collect every
// problem before they complain, and no problem repeats a secret.
//
// It owns neither the commands (cmd/usher) nor what the settings mean to the
// packages they are handed to.
package config
