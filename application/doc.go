// Package application is the contract for the applications that people sign in
// to: where they are, how their OAuth client may behave, and what it takes to
// sign in.
//
// It owns what is stored of an application and what makes one valid. Managing
// applications is httpapi/applicationapi, signing people in to them is package
// signin. It imports the standard library only.
package application
