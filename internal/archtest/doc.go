// Package archtest keeps the shape of the code: who may import whom, what a
// package may be called, which versions must go together. It has tests only.
package archtest
