// Package openid is the executors that let a person sign up with an account
// they have elsewhere: OpenIDConnectExecutor for any OpenID provider, and
// Google, Facebook, Microsoft, Apple and GitHub as presets, which are data.
//
// Each sends the browser to the provider (OpenID Connect Core 1.0, 3.1; RFC
// 6749, 4.1) with PKCE (RFC 7636), a state and a nonce of their own visit, and
// takes what the provider says of the person only where every check of the
// answer passes. It owns no connections: those are configured, see package
// connection.
package openid
