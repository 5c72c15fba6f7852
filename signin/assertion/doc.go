// Package assertion makes and verifies user assertions: the short-lived tokens
// by which a finished flow tells a waiting login, through the browser, who
// somebody is and what they proved.
//
// An assertion is a JWT (RFC 7519) of the type JWT+UA, signed by RS256, from
// the server to itself. It is a bearer token for as long as it lives, so it
// lives for seconds and counts once: whoever redeems one spends its ID
// (grant.Requests). It owns neither the keys (package keys) nor what an
// assertion is good for.
package assertion
