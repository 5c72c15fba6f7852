// Package branding is the contract for how the hosted pages look and what they
// say: the preferences of a tenant and of its applications, and the texts that
// replace ours.
//
// It owns what a preference may say (Read), which colours are readable on
// which (Contrast), the style sheet that follows (Brand.Style), which of the
// preferences and texts applies (Resolve, ResolveTexts), and what must be
// stored. Package branding/sheet checks custom CSS, httpapi/brandingapi is the
// API, package portal draws the pages. It imports the standard library only.
package branding
