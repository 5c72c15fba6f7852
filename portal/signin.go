package portal

import (
	"net/http"
	"time"

	"usher/engine"
)

// SignIns is what the pages need of signing in. Every method takes the request
// for the browser it comes from and for its tenant.
type SignIns interface {
	// Login answers the login page of the sign-in that waits under key. With
	// submit nil it shows what the login waits for, beginning it where none
	// runs; else it submits Action and Inputs of submit. A Complete answer has
	// the URL at which the sign-in goes on. It returns grant.ErrNoRequest where
	// the key is unknown, expired, answered, or of another browser; an
	// *engine.Error as the engine does, after which the login has begun anew if
	// it was over; any other error is a fault.
	Login(r *http.Request, key string, submit *engine.Request) (*engine.Response, error)
	// Restart makes the login begin anew, as if nobody had signed in so far.
	// Errors as Login's.
	Restart(r *http.Request, key string) error
	// Waiting tells what the login page says beside the flow's own page.
	Waiting(r *http.Request, key string) (Waiting, error)
	// Redeem takes a user assertion for the sign-in that waits under key and
	// returns the URL at which it goes on: the application, where the
	// assertion proves enough, else the login page. Errors as Login's.
	Redeem(r *http.Request, key, assertion string) (url string, err error)
	// SignOut ends the browser's session and returns where to go, "" for
	// nowhere in particular. client and redirect are client_id and
	// post_logout_redirect_uri (OpenID Connect RP-Initiated Logout 1.0); a
	// redirect that is not the client's is ignored. It sets cookies on w.
	SignOut(w http.ResponseWriter, r *http.Request, client, redirect, state string) (url string, err error)
	// SignedIn returns the name of whoever is signed in, "" for nobody.
	SignedIn(r *http.Request) (username string, err error)
}

// Waiting is what is known of a sign-in before somebody has signed in.
type Waiting struct {
	// Application is the name of the application, and its id.
	Application, ApplicationID string
	// Hint is the user name that the application expects, "" for none.
	Hint string
	// Locales are the languages that the application asked for, as a BCP 47
	// list; "" for none.
	Locales string
	// Known is the user name of who has proved something already, "" for
	// nobody.
	Known string
	// Target is where the sign-in leads once it is done, as a source of a
	// Content Security Policy: an origin, or a scheme and a colon.
	Target string
	// Expires is until when it waits.
	Expires time.Time
}
