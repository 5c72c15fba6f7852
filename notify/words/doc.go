// Package words puts messages into words: it holds the templates of every
// language and renders a notify.Message as subject, text and HTML.
//
// A tenant may say it in words of its own (Of): of a template, in one of the
// languages. Those are data, read for placeholders and never run. Greeting,
// footer and the last line of a text message stay ours, and so does the HTML,
// but for the tenant's logo and colours.
//
// # Adding a language
//
// Copy languages/en.tmpl to languages/TAG.tmpl, where TAG is the BCP 47 tag of
// the new language, and translate what stands between the tags. That is all:
// the file is embedded and found by its name, New refuses it when something is
// missing or cannot be rendered, and the tests run over it.
//
// A file is a Go text/template with these definitions:
//
//   - "minutes", "hours" and "days" say a number of them, given as ".". The
//     function plural picks a form by the language's own rule (CLDR): pairs of
//     zero, one, two, few, many or other, and a word. "other" is needed.
//   - "greeting" opens an e-mail, "footer" closes one.
//   - "NAME/subject" and "NAME/body" for every template NAME; a text message
//     has a body only.
//
// They may use {{.code}}, {{.link}} and {{.host}} where the template has them,
// {{.name}}, which may be empty, and {{.valid}}, which is how long a code or
// link works, in the words of "minutes", "hours" or "days".
//
// A body is the text as it is sent; blank lines separate its paragraphs. The
// HTML is made of the same words, so a file holds none: a paragraph that is
// the code alone is drawn large, and one whose last line is the link becomes a
// button labelled with the lines before it.
//
// # Adding a template
//
// Add it to the catalogue in catalogue.go, with its parameters, and its words
// to every language.
package words
